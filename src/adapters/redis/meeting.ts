import { randomUUID } from 'node:crypto';
import type { Result } from 'ioredis';
import type { Meeting } from '../../ports/engine.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';
import type { Keys } from './keys.js';

/** Three heartbeats. */
const MARK_MS = 15_000;
/** The name must outlive every pause of nodes that wait for Postgres: a new name would separate the nodes. */
const NAME_MS = 86_400_000;

/**
 * The mark names the location of one database. A node that moves to another database moves the mark with it. Nodes of
 * any other database must wait until nobody renews the mark any more.
 */
const MEET = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSETNX', KEYS[1], 'hub', ARGV[3])
local mark = redis.call('HMGET', KEYS[1], 'hub', 'place', 'held_until')
local held = mark[2] and tonumber(mark[3] or 0) > now
if held and mark[2] ~= ARGV[1] and mark[2] ~= ARGV[2] then return {mark[1], 1} end
redis.call('HSET', KEYS[1], 'place', ARGV[1], 'held_until', string.format('%d', now + ${MARK_MS}))
redis.call('PEXPIRE', KEYS[1], ${NAME_MS})
return {mark[1], 0}`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    parleyMeet(
      key: string,
      location: string,
      before: string,
      hub: string,
    ): Result<[hub: string, isTaken: 0 | 1], Context>;
  }
}

export interface MeetingDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
}

/** The store's facts about the deployment that uses it: the store's own name, and the location of the database. */
export function createMeeting({ client, shards, keys }: MeetingDeps) {
  client.defineCommand('parleyMeet', { numberOfKeys: 1, lua: MEET });
  const proposed = randomUUID();
  let before = '';
  return async (location: string): Promise<Meeting> => {
    const { circuit } = shards.of(keys.meeting);
    const meet = () => client.parleyMeet(keys.meeting, location, before, proposed);
    const [hub, taken] = await circuit.run(meet);
    const isTaken = taken === 1;
    if (!isTaken) before = location;
    return { hub: `redis ${hub}`, isTaken };
  };
}
