import type { Result } from 'ioredis';
import type { RedisClient } from './clients.js';

/** What the scripts that write a log answer. */
export const WROTE = { appended: 1, repeated: 2, fenced: 3, missing: 4 } as const;

/** Seconds. A running log and a counter that nobody writes to any more are forgotten. */
const LOG_TTL = 3_600;
const COUNTER_TTL = 7_200;
/** The lifetimes are renewed once in so many deltas; the model's time-outs are far shorter than TTL / 32. */
const RENEW_EVERY = 32;

/**
 * `announce` numbers an event of the conversation and publishes it. A new counter begins at the time in ms, so
 * that one which was lost goes on higher than before and looks like a hole, never like a repetition.
 */
const ANNOUNCE = `
local function announce(counter, channel, origin, event)
  local n = redis.call('INCR', counter)
  if n == 1 then
    local time = redis.call('TIME')
    n = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('SET', counter, string.format('%.0f', n), 'EX', ${COUNTER_TTL})
  elseif n % ${RENEW_EVERY} == 0 then
    redis.call('EXPIRE', counter, ${COUNTER_TTL})
  end
  local text = '{"n":' .. string.format('%.0f', n) .. ',"o":' .. origin .. ',"e":' .. event .. '}'
  redis.call('SPUBLISH', channel, text)
end`;

/** Of each entry that is appended. */
const APPEND_KEYS = 3;
const APPEND_ARGS = 4;

/** `lastOf` answers attempt and seq of the last entry, nothing when there is no log. */
const LAST = `
local function lastOf(log)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  if not last then return nil end
  local attempt, seq = string.match(last[1], '^(%d+)-(%d+)$')
  return tonumber(attempt), tonumber(seq)
end`;

const PUBLISH = `${ANNOUNCE}
announce(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
return ${WROTE.appended}`;

const BEGIN = `${LAST}
local attempt = tonumber(ARGV[1])
local last = lastOf(KEYS[1])
if last and last > attempt then return ${WROTE.fenced} end
if not last or last < attempt then
  redis.call('XADD', KEYS[1], attempt .. '-0', 't', '')
end
redis.call('EXPIRE', KEYS[1], ${LOG_TTL})
return ${WROTE.appended}`;

/** What one entry meets must not keep the others from being written: what Redis says of it is its answer. */
const APPEND = `${LAST}${ANNOUNCE}
local function append(counter, channel, log, event, attempt, seq, text)
  local last, lastSeq = lastOf(log)
  if not last or last < attempt then return ${WROTE.missing} end
  if last > attempt then return ${WROTE.fenced} end
  if lastSeq == seq then return ${WROTE.repeated} end
  if lastSeq ~= seq - 1 then return ${WROTE.missing} end
  redis.call('XADD', log, attempt .. '-' .. seq, 't', text)
  if seq % ${RENEW_EVERY} == 0 then redis.call('EXPIRE', log, ${LOG_TTL}) end
  announce(counter, channel, ARGV[1], event)
  return ${WROTE.appended}
end
local answers = {}
for i = 1, #KEYS / ${APPEND_KEYS} do
  local key, arg = (i - 1) * ${APPEND_KEYS}, 1 + (i - 1) * ${APPEND_ARGS}
  local done, answer = pcall(append, KEYS[key + 1], KEYS[key + 2], KEYS[key + 3],
    ARGV[arg + 1], tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3]), ARGV[arg + 4])
  answers[i] = done and answer or tostring(type(answer) == 'table' and answer.err or answer)
end
return answers`;

/** Earlier attempts are kept: their ids lie below those of this one. */
const REWRITE = `${LAST}${ANNOUNCE}
local log, attempt = KEYS[3], tonumber(ARGV[2])
local last = lastOf(log)
if last and last > attempt then return ${WROTE.fenced} end
local kept = redis.call('XRANGE', log, '-', '(' .. attempt .. '-0')
redis.call('DEL', log)
for _, entry in ipairs(kept) do redis.call('XADD', log, entry[1], 't', entry[2][2]) end
redis.call('XADD', log, attempt .. '-0', 't', '')
for i = 3, #ARGV do redis.call('XADD', log, attempt .. '-' .. (i - 2), 't', ARGV[i]) end
redis.call('EXPIRE', log, ${LOG_TTL})
announce(KEYS[1], KEYS[2], ARGV[1], 'null')
return ${WROTE.appended}`;

const READ = `${LAST}
local attempt, seq = tonumber(ARGV[1]), tonumber(ARGV[2])
local last, lastSeq = lastOf(KEYS[1])
if not last then return false end
if last ~= attempt then seq = 0 end
if seq >= lastSeq then return {last, seq, seq, ''} end
local texts = {}
for i, entry in ipairs(redis.call('XRANGE', KEYS[1], last .. '-' .. (seq + 1), '+')) do
  texts[i] = entry[2][2]
end
return {last, seq, lastSeq, table.concat(texts)}`;

/** The text of every attempt. */
const TEXTS = `
local texts, attempt, parts = {}, nil, {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  local of = string.match(entry[1], '^(%d+)')
  if of ~= attempt then
    texts[#texts + 1] = table.concat(parts)
    attempt, parts = of, {}
  end
  parts[#parts + 1] = entry[2][2]
end
texts[#texts + 1] = table.concat(parts)
return texts`;

/**
 * Makes a node's users in a conversation exactly those given, and drops whose time is over. When that changes the
 * set of users it is announced in the same step, so the announcements come in the order of the changes; `null`
 * as the origin makes them reach the node itself in that order too. Answers the users, separated by commas.
 */
const PRESENCE = `${ANNOUNCE}
local key, node, lifetime, conversation = KEYS[3], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function list(users)
  local ids = {}
  for user in pairs(users) do ids[#ids + 1] = user end
  table.sort(ids)
  return table.concat(ids, ',')
end
local before, after = {}, {}
local stored = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
for i = 1, #stored, 2 do
  local user = string.match(stored[i], '%d+$')
  before[user] = true
  if string.sub(stored[i], 1, #node) == node or tonumber(stored[i + 1]) <= now then
    redis.call('ZREM', key, stored[i])
  else
    after[user] = true
  end
end
for i = 4, #ARGV do
  redis.call('ZADD', key, now + lifetime, node .. ARGV[i])
  after[ARGV[i]] = true
end
redis.call('PEXPIRE', key, lifetime)
local users = list(after)
if users ~= list(before) then
  announce(KEYS[1], KEYS[2], 'null', '{"name":"presence:changed","payload":{"conversation_id":' .. conversation
    .. ',"user_ids":[' .. users .. ']}}')
end
return users`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Keys: counter, channel. */
    parleyPublish(
      counter: string,
      channel: string,
      origin: string,
      event: string,
    ): Result<number, Context>;
    parleyBegin(log: string, attempt: number): Result<number, Context>;
    /**
     * The number of keys, then for each entry counter, channel and log; then the origin, and for each entry event,
     * attempt, seq and text. A number for each entry, or why it was refused.
     */
    parleyAppend(...keysAndArguments: (string | number)[]): Result<(number | string)[], Context>;
    parleyRewrite(
      counter: string,
      channel: string,
      log: string,
      origin: string,
      attempt: number,
      deltas: readonly string[],
    ): Result<number, Context>;
    /** Attempt, first and last seq, text. */
    parleyRead(
      log: string,
      attempt: number,
      seq: number,
    ): Result<[number, number, number, string] | null, Context>;
    parleyTexts(log: string): Result<string[], Context>;
    /** `node` ends with a colon; `lifetime` in ms. */
    parleyPresence(
      counter: string,
      channel: string,
      presence: string,
      node: string,
      lifetime: number,
      conversationId: number,
      users: readonly number[],
    ): Result<string, Context>;
  }
}

/** All keys of a script share a hash tag and are passed as KEYS: a Cluster needs both. */
export function defineScripts(client: RedisClient): void {
  client.defineCommand('parleyPublish', { numberOfKeys: 2, lua: PUBLISH });
  client.defineCommand('parleyBegin', { numberOfKeys: 1, lua: BEGIN });
  client.defineCommand('parleyAppend', { lua: APPEND });
  client.defineCommand('parleyRewrite', { numberOfKeys: 3, lua: REWRITE });
  client.defineCommand('parleyRead', { numberOfKeys: 1, lua: READ });
  client.defineCommand('parleyTexts', { numberOfKeys: 1, lua: TEXTS });
  client.defineCommand('parleyPresence', { numberOfKeys: 3, lua: PRESENCE });
}
