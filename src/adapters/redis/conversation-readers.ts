import type { RoomEvent, RoomEvents } from '../../contract/events.js';
import type { Logger } from '../../domain/logger.js';
import type { ConversationReader, Subscription } from '../../ports/engine.js';
import type { Channels } from './channels.js';
import type { RedisClient } from './clients.js';
import type { Keys } from './keys.js';
import { LateDeltas } from './late-deltas.js';
import type { Shards } from './shards.js';

export type PresenceChange = RoomEvents['presence:changed'];

interface Group {
  conversationId: number;
  readers: Set<ConversationReader>;
  late: LateDeltas;
  /** Number of the newest event that was seen or is known to be older than the subscription. */
  last: number | null;
  /** There may be a gap that the numbers do not show. */
  unsure: boolean;
  /** The counter is still to be compared with `last`. */
  unchecked: boolean;
  ready: Promise<void>;
}

export interface ReadersDeps {
  client: RedisClient;
  shards: Shards;
  channels: Channels;
  keys: Keys;
  nodeId: string;
  /** The set of users changed; what readers are to be told of it is decided there. */
  onPresence(change: PresenceChange): void;
  logger: Logger;
}

const NUMBER_AT = '{"n":'.length;
const PAYLOAD = '"payload":';
/** The event and what carries it. */
const CLOSING = '}}'.length;

/** Events are written with their name first and their payload last. */
const payloadOf = (text: string) =>
  text.slice(text.indexOf(PAYLOAD) + PAYLOAD.length, text.length - CLOSING);

/**
 * This node's readers, by conversation. Events of other nodes come through the conversation's channel, which is
 * subscribed for as long as it has a reader here; this node's own are delivered directly, and when they come
 * back they only count. A hole in the numbers, or a subscription that was lost, resynchronises the readers.
 */
export class ConversationReaders {
  #deps: ReadersDeps;
  #own: string;
  #groups = new Map<number, Group>();

  constructor(deps: ReadersDeps) {
    this.#deps = deps;
    this.#own = `,"o":${JSON.stringify(deps.nodeId)},"e":`;
    for (const event of ['recovered', 'changed'] as const) {
      deps.shards.events.on(event, () => this.#recheck());
    }
  }

  /** Resolves when events published from now on arrive; in an outage at once or soon, and a resync follows it. */
  async subscribe(conversationId: number, reader: ConversationReader): Promise<Subscription> {
    const group = this.#groups.get(conversationId) ?? this.#open(conversationId);
    group.readers.add(reader);
    await group.ready;
    return { close: () => this.#close(group, reader) };
  }

  deliver(conversationId: number, event: RoomEvent): void {
    const group = this.#groups.get(conversationId);
    if (group) this.#tell(group, event);
  }

  resync(conversationId: number): void {
    const group = this.#groups.get(conversationId);
    if (group) this.#each(group, (reader) => reader.onResync());
  }

  resyncAll(): void {
    for (const conversationId of [...this.#groups.keys()]) this.resync(conversationId);
  }

  /** A reader asked for what it lacks and could not be told: as soon as Redis answers, all are to ask again. */
  doubt(conversationId: number): void {
    const group = this.#groups.get(conversationId);
    if (!group) return;
    group.unsure = group.unchecked = true;
    const { shards, keys } = this.#deps;
    if (!shards.of(keys.events(conversationId)).circuit.open) void this.#check(group);
  }

  #open(conversationId: number): Group {
    const { channels, keys } = this.#deps;
    const confirmed = channels.subscribe(keys.channel(conversationId), {
      onMessage: (text) => this.#receive(group, text),
      onConfirmed: () => void this.#check(group),
    });
    const readers = new Set<ConversationReader>();
    const ready = Promise.resolve();
    const sure = { last: null, unsure: false, unchecked: false };
    const group: Group = { conversationId, readers, late: new LateDeltas(), ...sure, ready };
    group.ready = this.#begin(group, confirmed);
    this.#groups.set(conversationId, group);
    return group;
  }

  #close(group: Group, reader: ConversationReader): void {
    group.readers.delete(reader);
    if (group.readers.size > 0 || this.#groups.get(group.conversationId) !== group) return;
    this.#groups.delete(group.conversationId);
    this.#deps.channels.unsubscribe(this.#deps.keys.channel(group.conversationId));
  }

  async #begin(group: Group, confirmed: Promise<boolean>): Promise<void> {
    const counted = (await confirmed) ? await this.#count(group) : undefined;
    group.unsure = group.unchecked = counted === undefined;
    this.#advance(group, counted);
  }

  /** After a subscription was lost: unless the counter says that nothing happened meanwhile, readers start afresh. */
  async #check(group: Group): Promise<void> {
    await group.ready;
    group.unsure ||= group.last === null;
    const counted = await this.#count(group);
    group.unchecked = counted === undefined;
    if (counted === undefined) return;
    const missed = group.unsure || counted === null || counted > (group.last ?? 0);
    group.unsure = false;
    this.#advance(group, counted);
    if (missed) this.#each(group, (reader) => reader.onResync());
  }

  #recheck(): void {
    for (const group of this.#groups.values()) if (group.unchecked) void this.#check(group);
  }

  /** The conversation's newest number; null when it has none, undefined when Redis does not say. */
  async #count({ conversationId }: Group): Promise<number | null | undefined> {
    const { client, shards, keys } = this.#deps;
    const key = keys.events(conversationId);
    try {
      const text = await shards.of(key).circuit.run(() => client.get(key));
      return text === null ? null : Number(text);
    } catch {
      return undefined;
    }
  }

  #advance(group: Group, n: number | null | undefined): void {
    if (n != null && (group.last === null || n > group.last)) group.last = n;
  }

  #receive(group: Group, text: string): void {
    const end = text.indexOf(',', NUMBER_AT);
    const n = Number(text.slice(NUMBER_AT, end));
    const hole = group.last !== null && n > group.last + 1;
    this.#advance(group, n);
    if (!text.startsWith(this.#own, end)) this.#deliverText(group, text);
    if (hole) this.#each(group, (reader) => reader.onResync());
  }

  /** `e` is null in a call to resynchronise. */
  #deliverText(group: Group, text: string): void {
    try {
      const { e: event }: { e: RoomEvent | null } = JSON.parse(text);
      if (event?.name === 'presence:changed') this.#deps.onPresence(event.payload);
      else if (event) this.#tell(group, event, payloadOf(text));
      else this.#each(group, (reader) => reader.onResync());
    } catch (error) {
      const { conversationId } = group;
      this.#deps.logger.error({ err: error, conversationId }, 'event of another node not readable');
      this.#each(group, (reader) => reader.onResync());
    }
  }

  #tell(group: Group, event: RoomEvent, payloadJson?: string): void {
    if (group.late.isLate(event)) return;
    this.#each(group, (reader) => reader.onEvent(event, payloadJson));
  }

  #each(group: Group, tell: (reader: ConversationReader) => void): void {
    for (const reader of [...group.readers]) tell(reader);
  }
}
