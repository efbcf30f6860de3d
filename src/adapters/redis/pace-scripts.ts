import type { Result } from 'ioredis';
import { PACE_SPREAD_MS } from '../../ports/engine.js';
import { PACE_GAP_MS } from '../memory/pace-line.js';
import type { RedisClient } from './clients.js';

/** Seconds. Longer than any slot, debt or pause lies ahead. */
const LINE_TTL = 600;
const MINUTE_MS = 60_000;

/** The line as `memory/pace-line.ts` has it, in one hash. A line that was lost begins anew, with nothing to pay. */
const LINE = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local state = redis.call('HMGET', key, 'requests', 'tokens', 'last', 'paused', 'held', 'back')
for i = 1, 6 do state[i] = tonumber(state[i] or 0) end
local requests, tokens, last, paused, held, back = unpack(state)`;

/** Arguments: ms for each request, requests at once, ms for each token, tokens at once, tokens of this one, most ms to wait. */
const RESERVE = `${LINE}
for i = 1, 6 do ARGV[i] = tonumber(ARGV[i]) end
local eachRequest, mostRequests, eachToken, mostTokens, cost, mostWait = unpack(ARGV)
local inLine = math.max(now, last)
if eachRequest > 0 then
  inLine = math.max(inLine, requests + (1 - math.max(mostRequests, 1)) * eachRequest)
end
if eachToken > 0 then
  inLine = math.max(inLine, tokens + (cost - math.max(mostTokens, cost)) * eachToken)
end
local start = inLine
if paused > now then start = math.max(start, paused + back * ${PACE_GAP_MS} % ${PACE_SPREAD_MS}) end
local wait = math.ceil(start - now)
if wait > mostWait then return {0, wait, '', ''} end
if paused > now then back = back + 1 end
if eachRequest > 0 then requests = math.max(start, requests) + eachRequest end
if eachToken > 0 then tokens = math.max(start, tokens) + cost * eachToken end
redis.call('HSET', key, 'requests', requests, 'tokens', tokens, 'last', inLine, 'back', back)
redis.call('EXPIRE', key, ${LINE_TTL})
return {1, wait, string.format('%.3f', start), string.format('%.3f', held)}`;

/** Arguments: when the slot began as it was given, and how long all pauses had been until then. */
const REMAINING = `${LINE}
local moved = tonumber(ARGV[1]) + held - tonumber(ARGV[2])
return math.ceil(math.max(0, moved - now, paused - now))`;

const PAUSE = `${LINE}
local from = math.max(now, paused)
local to = now + tonumber(ARGV[1])
local by = to - from
if by <= 0 then return 0 end
if from == now then back = 0 end
redis.call('HSET', key, 'requests', requests + by, 'tokens', tokens + by, 'last', last + by,
  'paused', to, 'held', held + by, 'back', back)
redis.call('EXPIRE', key, ${LINE_TTL})
return 1`;

/** Arguments: ms for each token, tokens that were used more than reserved. */
const SETTLE = `${LINE}
local settled = tokens + ARGV[1] * ARGV[2]
redis.call('HSET', key, 'tokens', math.min(settled, math.max(tokens, now + ${MINUTE_MS})))
redis.call('EXPIRE', key, ${LINE_TTL})
return 1`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Whether it was taken, ms to wait, and the slot for `parleyPaceRemaining`. */
    parleyPaceReserve(
      line: string,
      eachRequest: number,
      mostRequests: number,
      eachToken: number,
      mostTokens: number,
      cost: number,
      mostWait: number,
    ): Result<[taken: number, waitMs: number, start: string, held: string], Context>;
    parleyPaceRemaining(line: string, start: string, held: string): Result<number, Context>;
    parleyPacePause(line: string, ms: number): Result<number, Context>;
    parleyPaceSettle(line: string, eachToken: number, tokens: number): Result<number, Context>;
  }
}

export function definePaceScripts(client: RedisClient): void {
  client.defineCommand('parleyPaceReserve', { numberOfKeys: 1, lua: RESERVE });
  client.defineCommand('parleyPaceRemaining', { numberOfKeys: 1, lua: REMAINING });
  client.defineCommand('parleyPacePause', { numberOfKeys: 1, lua: PAUSE });
  client.defineCommand('parleyPaceSettle', { numberOfKeys: 1, lua: SETTLE });
}
