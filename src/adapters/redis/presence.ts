import type { Logger } from '../../domain/logger.js';
import type { Presence } from '../../ports/presence.js';
import { Unreachable } from './connection/circuit.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';
import { SingleFlight } from './connection/single-flight.js';
import type { Keys } from './keys.js';
import type { ConversationReaders, PresenceChange } from './log/conversation-readers.js';
import type { Envelopes } from './log/envelope.js';

export interface PresenceDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
  nodeId: string;
  envelopes: Envelopes;
  /** How long users of a dead node may still be present. */
  ttlMs: number;
  /** This node's readers, who are told of changes. */
  readers: Pick<ConversationReaders, 'deliver' | 'events'>;
  logger: Logger;
}

/** The readers of one conversation on this node. */
interface Part {
  own: Set<number>;
  /** The last list that readers here got; null before anything is known. */
  told: readonly number[] | null;
  /** The number of changes received through the channel. */
  heard: number;
}

/** A refresh is spread over this many steps, by conversation. */
const STEPS = 10;
const AT_ONCE = 100;

const union = (...sets: Iterable<number>[]): number[] =>
  [...new Set(sets.flatMap((set) => [...set]))].sort((a, b) => a - b);

const same = (a: readonly number[], b: readonly number[]) => String(a) === String(b);

/**
 * One sorted set per conversation, of `<node>:<user>` scored by expiry. There is one command, which lists this node's
 * users: when one comes or goes, and every third of the TTL. An entry lives for half of the TTL, so the users of a
 * dead node expire, and the next refresh of any other node notices it, within the TTL.
 */
export class RedisPresence implements Presence {
  #deps: PresenceDeps;
  #parts = new Map<number, Part>();
  #writes = new SingleFlight<void>();
  #timer: NodeJS.Timeout | undefined;
  #step = 0;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    deps.readers.events.on('presence', (change) => this.#heard(change));
    deps.readers.events.on('gap', (conversationId) => this.#missed(conversationId));
    deps.shards.events.on('recovered', () => void this.#writeAll([...this.#parts.keys()]));
  }

  start(): void {
    this.#timer = setInterval(() => this.#refresh(), this.#deps.ttlMs / 3 / STEPS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  enter(conversationId: number, userId: number): Promise<void> {
    const fresh: Part = { own: new Set(), told: null, heard: 0 };
    const part = this.#parts.get(conversationId) ?? fresh;
    part.own.add(userId);
    this.#parts.set(conversationId, part);
    return this.#write(conversationId);
  }

  async leave(conversationId: number, userId: number): Promise<void> {
    const part = this.#parts.get(conversationId);
    if (!part?.own.delete(userId)) return;
    if (part.own.size === 0) this.#parts.delete(conversationId);
    await this.#write(conversationId);
  }

  present(conversationId: number): readonly number[] {
    const part = this.#parts.get(conversationId);
    return part ? (part.told ?? union(part.own)) : [];
  }

  /** The command of `enter` returns the users of all nodes, and renews what this node has. */
  async everywhere(conversationId: number): Promise<readonly number[]> {
    if (!this.#parts.has(conversationId)) return union(await this.#store(conversationId, []));
    await this.#write(conversationId);
    return this.present(conversationId);
  }

  /** An announcement without this node's own users: the store has lost them and gets them again. */
  #heard({ conversation_id, user_ids }: PresenceChange): void {
    const part = this.#parts.get(conversation_id);
    if (!part) return;
    part.heard += 1;
    this.#learn(conversation_id, part, user_ids);
    if (union(user_ids, part.own).length > user_ids.length) void this.#write(conversation_id);
  }

  /** This node may have missed an announcement. */
  #missed(conversationId: number): void {
    if (this.#parts.has(conversationId)) void this.#write(conversationId);
  }

  #refresh(): void {
    this.#step = (this.#step + 1) % STEPS;
    const due = [...this.#parts.keys()].filter((id) => id % STEPS === this.#step);
    void this.#writeAll(due);
  }

  async #writeAll(ids: readonly number[]): Promise<void> {
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      const there = ids.slice(i, i + AT_ONCE).filter((id) => this.#parts.has(id));
      await Promise.all(there.map((id) => this.#write(id)));
    }
  }

  #write(conversationId: number): Promise<void> {
    return this.#writes.run(String(conversationId), () => this.#writeOnce(conversationId));
  }

  /** An announcement received meanwhile may be newer than the reply; if it is older, a newer one is on its way. */
  async #writeOnce(conversationId: number): Promise<void> {
    const part = this.#parts.get(conversationId);
    const before = part?.heard;
    const stored = await this.#store(conversationId, [...(part?.own ?? [])]);
    if (!part || this.#parts.get(conversationId) !== part) return;
    if (part.heard === before) this.#learn(conversationId, part, stored);
  }

  /** The users on all nodes; none if Redis does not reply. */
  async #store(conversationId: number, own: number[]): Promise<number[]> {
    const { client, shards, keys, nodeId, envelopes, ttlMs, logger } = this.#deps;
    const key = keys.presence(conversationId);
    const topic = [keys.newest(conversationId), keys.channel(conversationId)] as const;
    const node = [`${nodeId}:`, Math.ceil(ttlMs / 2), conversationId, envelopes.tag()] as const;
    try {
      const users = await shards
        .of(key)
        .circuit.run(() => client.parleyPresence(...topic, key, ...node, own));
      return users === '' ? [] : users.split(',').map(Number);
    } catch (error) {
      if (!(error instanceof Unreachable))
        logger.error({ err: error }, 'redis refused a presence command');
      return [];
    }
  }

  /** The first known list needs no event: callers that wait for it read it themselves. */
  #learn(conversationId: number, part: Part, users: readonly number[]): void {
    const before = part.told;
    const user_ids = union(users, part.own);
    part.told = user_ids;
    if (!before || same(before, user_ids)) return;
    const payload = { conversation_id: conversationId, user_ids };
    this.#deps.readers.deliver(conversationId, { name: 'presence:changed', payload });
  }
}
