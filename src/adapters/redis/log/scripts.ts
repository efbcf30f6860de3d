import type { Result } from 'ioredis';
import type { RedisClient } from '../connection/clients.js';

/** Results of the scripts that write a log. */
export const WROTE = { appended: 1, repeated: 2, fenced: 3, missing: 4 } as const;
/** Begins the result of a published entry. The tag of the event before it follows. */
export const PUBLISHED = '+';
/** Used instead if the event before is the sender's own. Its serial follows. */
export const AFTER_OWN = 10;

/** Seconds. A running log expires when nobody writes to it, and so does the newest event's tag. */
const LOG_TTL = 3_600;
const NEWEST_TTL = 7_200;
/** The lifetime is renewed once in this many deltas. The model's time-outs are far shorter than TTL / 32. */
const RENEW_EVERY = 32;

/**
 * `announce` publishes an event of the conversation. Every event has its own tag and names the one before it, so
 * readers notice a gap, even if the store has lost the newest events or was replaced. See `envelope.ts` for the
 * format. Returns the event before: a number if it has the same sender, which is cheap to read.
 */
const ANNOUNCE = `
local function announce(newest, channel, prefix, serial, origin, event)
  local tag = prefix .. serial
  local before = redis.call('SET', newest, tag, 'EX', ${NEWEST_TTL}, 'GET') or ''
  redis.call('SPUBLISH', channel, '{"p":"' .. before .. '","t":"' .. tag .. '"' .. origin .. event .. '}')
  if string.sub(before, 1, #prefix) == prefix then return ${AFTER_OWN} + string.sub(before, #prefix + 1) end
  return '${PUBLISHED}' .. before
end`;

/** Writes a delta: its text, or, after a zero byte, its reasoning, another one and its text. */
const WRITE = `
local function write(log, id, delta)
  if string.byte(delta) ~= 0 then return redis.call('XADD', log, id, 't', delta) end
  local at = string.find(delta, '\\0', 2, true)
  redis.call('XADD', log, id, 't', string.sub(delta, at + 1), 'r', string.sub(delta, 2, at - 1))
end`;

/** Keys and arguments of each entry of an append. */
const APPEND_KEYS = 3;
const APPEND_ARGS = 5;

/** `lastOf` returns attempt and seq of the last entry, or nothing if there is no log. */
const LAST = `
local function lastOf(log)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  if not last then return nil end
  local attempt, seq = string.match(last[1], '^(%d+)-(%d+)$')
  return tonumber(attempt), tonumber(seq)
end`;

const PUBLISH = `${ANNOUNCE}
return announce(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])`;

/** The mark of an attempt names its claim: after a loss of data, two claims may have the same number. */
const OWNER = `
local function isAnothers(log, last, attempt, owner)
  if not last or last < attempt then return false end
  if last > attempt then return true end
  local mark = redis.call('XRANGE', log, attempt .. '-0', attempt .. '-0')[1]
  return not mark or (mark[2][4] or '') ~= owner
end
local function mark(log, attempt, owner)
  redis.call('XADD', log, attempt .. '-0', 't', '', 'by', owner)
end`;

const BEGIN = `${LAST}${OWNER}
local attempt = tonumber(ARGV[1])
local last = lastOf(KEYS[1])
if isAnothers(KEYS[1], last, attempt, ARGV[2]) then return ${WROTE.fenced} end
if not last or last < attempt then mark(KEYS[1], attempt, ARGV[2]) end
redis.call('EXPIRE', KEYS[1], ${LOG_TTL})
return ${WROTE.appended}`;

/** An error of one entry must not stop the others: it becomes the result of that entry. */
const APPEND = `${LAST}${ANNOUNCE}${WRITE}
local function append(newest, channel, log, serial, event, attempt, seq, text)
  local last, lastSeq = lastOf(log)
  if not last or last < attempt then return ${WROTE.missing} end
  if last > attempt then return ${WROTE.fenced} end
  if lastSeq == seq then return ${WROTE.repeated} end
  if lastSeq ~= seq - 1 then return ${WROTE.missing} end
  write(log, attempt .. '-' .. seq, text)
  if seq % ${RENEW_EVERY} == 0 then redis.call('EXPIRE', log, ${LOG_TTL}) end
  return announce(newest, channel, ARGV[1], serial, ARGV[2], event)
end
local answers = {}
for i = 1, #KEYS / ${APPEND_KEYS} do
  local key, arg = (i - 1) * ${APPEND_KEYS}, 2 + (i - 1) * ${APPEND_ARGS}
  local done, answer = pcall(append, KEYS[key + 1], KEYS[key + 2], KEYS[key + 3],
    ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3]), tonumber(ARGV[arg + 4]), ARGV[arg + 5])
  answers[i] = done and answer or tostring(type(answer) == 'table' and answer.err or answer)
end
return answers`;

/** Earlier attempts are kept: their ids are below those of this one. */
const REWRITE = `${LAST}${OWNER}${ANNOUNCE}${WRITE}
local log, attempt, owner = KEYS[3], tonumber(ARGV[4]), ARGV[5]
local last = lastOf(log)
if isAnothers(log, last, attempt, owner) then return ${WROTE.fenced} end
local kept = redis.call('XRANGE', log, '-', '(' .. attempt .. '-0')
redis.call('DEL', log)
for _, entry in ipairs(kept) do redis.call('XADD', log, entry[1], unpack(entry[2])) end
mark(log, attempt, owner)
for i = 6, #ARGV do write(log, attempt .. '-' .. (i - 5), ARGV[i]) end
redis.call('EXPIRE', log, ${LOG_TTL})
return announce(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], 'null')`;

const READ = `${LAST}
local attempt, seq = tonumber(ARGV[1]), tonumber(ARGV[2])
local last, lastSeq = lastOf(KEYS[1])
if not last then return false end
if last ~= attempt then seq = 0 end
if seq >= lastSeq then return {last, seq, seq, '', ''} end
local texts, reasoning = {}, {}
for i, entry in ipairs(redis.call('XRANGE', KEYS[1], last .. '-' .. (seq + 1), '+')) do
  texts[i] = entry[2][2]
  if entry[2][3] == 'r' then reasoning[#reasoning + 1] = entry[2][4] end
end
return {last, seq, lastSeq, table.concat(texts), table.concat(reasoning)}`;

/** The text of every attempt, each followed by its reasoning. */
const TEXTS = `
local texts, attempt, parts, reasoning = {}, nil, {}, {}
local function close()
  texts[#texts + 1] = table.concat(parts)
  texts[#texts + 1] = table.concat(reasoning)
  parts, reasoning = {}, {}
end
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  local of = string.match(entry[1], '^(%d+)')
  if of ~= attempt then
    close()
    attempt = of
  end
  parts[#parts + 1] = entry[2][2]
  if entry[2][3] == 'r' then reasoning[#reasoning + 1] = entry[2][4] end
end
close()
return texts`;

/**
 * Sets a node's users in a conversation to exactly those given, and drops expired entries. If that changes the set of
 * users, it announces them in the same step, so announcements come in the order of the changes. Without an origin
 * they reach the node itself in that order too. Returns the users, separated by commas.
 */
const PRESENCE = `${ANNOUNCE}
local key, node, lifetime, conversation, tag = KEYS[3], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
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
for i = 5, #ARGV do
  redis.call('ZADD', key, now + lifetime, node .. ARGV[i])
  after[ARGV[i]] = true
end
redis.call('PEXPIRE', key, lifetime)
local users = list(after)
if users ~= list(before) then
  announce(KEYS[1], KEYS[2], tag, '', ',"o":null,"e":', '{"name":"presence:changed","payload":{"conversation_id":'
    .. conversation .. ',"user_ids":[' .. users .. ']}}')
end
return users`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Returns the event before, see `PUBLISHED` and `AFTER_OWN`. */
    parleyPublish(
      newest: string,
      channel: string,
      prefix: string,
      serial: number,
      origin: string,
      event: string,
    ): Result<number | string, Context>;
    parleyBegin(log: string, attempt: number, owner: string): Result<number, Context>;
    /**
     * The number of keys, then for each entry newest, channel and log; then prefix and origin, and for each entry
     * serial, event, attempt, seq and text. Returns for each entry a number, the result of `parleyPublish`, or the
     * reason of its refusal.
     */
    parleyAppend(...keysAndArguments: (string | number)[]): Result<(number | string)[], Context>;
    parleyRewrite(
      newest: string,
      channel: string,
      log: string,
      prefix: string,
      serial: number,
      origin: string,
      attempt: number,
      owner: string,
      deltas: readonly string[],
    ): Result<number | string, Context>;
    /** Attempt, first and last seq, text, reasoning. */
    parleyRead(
      log: string,
      attempt: number,
      seq: number,
    ): Result<[number, number, number, string, string] | null, Context>;
    parleyTexts(log: string): Result<string[], Context>;
    /** `node` ends with a colon; `lifetime` in ms. */
    parleyPresence(
      newest: string,
      channel: string,
      presence: string,
      node: string,
      lifetime: number,
      conversationId: number,
      tag: string,
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
