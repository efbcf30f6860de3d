import type { Result } from 'ioredis';
import { PACE_SPREAD_MS } from '../../ports/model-pace.js';
import { PACE_GAP_MS } from '../engine/model-pause.js';
import type { RedisClient } from './connection/clients.js';

/** Lifetime in seconds. It is longer than any slot, debt or pause reaches ahead. */
const LINE_TTL = 600;
const MINUTE_MS = 60_000;

/**
 * The line of `engine/pace-line.ts`, and a model's pauses of `engine/model-pause.ts`, each in a hash. A lost hash
 * starts again, without debts. Keys: line, model.
 */
const LINE = `
local key, own = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function read(from, ...)
  local fields = redis.call('HMGET', from, ...)
  for i = 1, #fields do fields[i] = tonumber(fields[i] or 0) end
  return unpack(fields)
end
local function write(to, ...)
  redis.call('HSET', to, ...)
  redis.call('EXPIRE', to, ${LINE_TTL})
end
local function after(till, back) return till + back * ${PACE_GAP_MS} % ${PACE_SPREAD_MS} end
local requests, tokens, last, paused, held, back = read(key, 'requests', 'tokens', 'last', 'paused', 'held', 'back')`;

const MODEL = `
local ownPaused, ownHeld, ownBack, ownLast, ownMoved = read(own, 'paused', 'held', 'back', 'last', 'moved')
local function given(wait, start, inLine)
  return {1, math.ceil(wait), string.format('%.3f', start), string.format('%.3f', held),
    string.format('%.3f', ownHeld), inLine}
end`;

/**
 * Arguments from the first on: ms for each request, requests at once, ms for each token, tokens at once, tokens of this
 * one, most ms to wait.
 */
const TAKE = `
local function number(i) return tonumber(ARGV[i]) end
local eachRequest, mostRequests, eachToken, mostTokens, cost, mostWait =
  number(1), number(2), number(3), number(4), number(5), number(6)
local function beginning()
  local inLine = math.max(now, last)
  if eachRequest > 0 then
    inLine = math.max(inLine, requests + (1 - math.max(mostRequests, 1)) * eachRequest)
  end
  if eachToken > 0 then
    inLine = math.max(inLine, tokens + (cost - math.max(mostTokens, cost)) * eachToken)
  end
  if paused > now then return inLine, math.max(inLine, after(paused, back)) end
  return inLine, inLine
end
local function take(inLine, start)
  if paused > now then back = back + 1 end
  if eachRequest > 0 then requests = math.max(start, requests) + eachRequest end
  if eachToken > 0 then tokens = math.max(start, tokens) + cost * eachToken end
  write(key, 'requests', requests, 'tokens', tokens, 'last', inLine, 'back', back)
  if start > now then write(own, 'last', math.max(ownLast, start)) end
  return given(start - now, start, 1)
end`;

const RESERVE = `${LINE}${MODEL}${TAKE}
local asksAt = math.max(now, ownMoved)
if ownPaused > now then asksAt = math.max(asksAt, after(ownPaused, ownBack)) end
local inLine, start = beginning()
local wait = math.ceil(math.max(asksAt, start) - now)
if asksAt > now then
  if asksAt - now > mostWait then return {0, wait, '', '', '', 0} end
  write(own, 'back', ownBack + 1)
  return given(asksAt - now, asksAt, 0)
end
if wait > mostWait then return {0, wait, '', '', '', 0} end
return take(inLine, start)`;

/** Further arguments: a granted slot. */
const REMAINING = `${LINE}${MODEL}${TAKE}
local start, heldThen, ownHeldThen, inLine = number(7), number(8), number(9), number(10)
local moved = start + held - heldThen + ownHeld - ownHeldThen
local wait = math.max(moved - now, paused - now, ownPaused - now)
local isOwn = math.abs(ownHeld - ownHeldThen) < 0.01
if wait > 0 or (inLine == 1 and isOwn) then
  return {1, math.ceil(math.max(0, wait)), ARGV[7], ARGV[8], ARGV[9], inLine}
end
if inLine == 1 then tokens = tokens - cost * eachToken end
local place, begins = beginning()
if math.ceil(begins - now) <= mostWait then return take(place, begins) end
if inLine == 1 and eachToken > 0 then write(key, 'tokens', tokens) end
local later = math.max(1, begins - now - mostWait)
return given(later, now + later, 0)`;

/** Keys: line. Arguments: ms. */
const PAUSE_ALL = `${LINE}
local from = math.max(now, paused)
local to = now + tonumber(ARGV[1])
local by = to - from
if by <= 0 then return 0 end
if from == now then back = 0 end
write(key, 'requests', requests + by, 'tokens', tokens + by, 'last', last + by,
  'paused', to, 'held', held + by, 'back', back)
return 1`;

/** Keys: line, model, pauses. Arguments: ms, model. */
const PAUSE = `${LINE}${MODEL}
local from = math.max(now, ownPaused)
local to = now + tonumber(ARGV[1])
local by = to - from
if by <= 0 then return 0 end
if from == now then ownBack = 0 end
local behind = math.max(ownLast, ownMoved)
write(own, 'paused', to, 'held', ownHeld + by, 'back', ownBack, 'last', 0,
  'moved', behind > now and behind + by or 0)
redis.call('ZADD', KEYS[3], to, ARGV[2])
redis.call('EXPIRE', KEYS[3], ${LINE_TTL})
return 1`;

/** Keys: pauses. */
const PAUSES = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local found = {}
for i = 1, #all, 2 do
  local left = math.ceil(tonumber(all[i + 1]) - now)
  if left > 0 then
    table.insert(found, all[i])
    table.insert(found, left)
  else
    redis.call('ZREM', KEYS[1], all[i])
  end
end
return found`;

/** Keys: line. Arguments: ms for each token, tokens used beyond the reservation. */
const SETTLE = `${LINE}
local settled = tokens + ARGV[1] * ARGV[2]
write(key, 'tokens', math.min(settled, math.max(tokens, now + ${MINUTE_MS})))
return 1`;

/**
 * Whether it was taken, ms to wait, and the slot for `parleyPaceRemaining`: start, pauses of all and of the model until
 * then, in line.
 */
export type PaceReply = [
  taken: number,
  waitMs: number,
  start: string,
  held: string,
  modelHeld: string,
  inLine: number,
];

export type PaceSlotArguments = [start: string, held: string, modelHeld: string, inLine: number];

export type PaceArguments = [
  line: string,
  model: string,
  eachRequest: number,
  mostRequests: number,
  eachToken: number,
  mostTokens: number,
  cost: number,
  mostWait: number,
];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    parleyPaceReserve(...request: PaceArguments): Result<PaceReply, Context>;
    parleyPaceRemaining(
      ...slot: [...request: PaceArguments, ...slot: PaceSlotArguments]
    ): Result<PaceReply, Context>;
    parleyPacePauseAll(line: string, ms: number): Result<number, Context>;
    parleyPacePause(
      line: string,
      modelKey: string,
      pauses: string,
      ms: number,
      model: string,
    ): Result<number, Context>;
    /** Each model and the ms that are left. */
    parleyPacePauses(pauses: string): Result<(string | number)[], Context>;
    parleyPaceSettle(line: string, eachToken: number, tokens: number): Result<number, Context>;
  }
}

export function definePaceScripts(client: RedisClient): void {
  client.defineCommand('parleyPaceReserve', { numberOfKeys: 2, lua: RESERVE });
  client.defineCommand('parleyPaceRemaining', { numberOfKeys: 2, lua: REMAINING });
  client.defineCommand('parleyPacePauseAll', { numberOfKeys: 1, lua: PAUSE_ALL });
  client.defineCommand('parleyPacePause', { numberOfKeys: 3, lua: PAUSE });
  client.defineCommand('parleyPacePauses', { numberOfKeys: 1, lua: PAUSES });
  client.defineCommand('parleyPaceSettle', { numberOfKeys: 1, lua: SETTLE });
}
