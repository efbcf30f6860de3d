import { EventEmitter } from 'node:events';
import type { RoomEvent, RoomEvents } from '../../../contract/events.js';
import type { Logger } from '../../../domain/logger.js';
import type { ConversationReader, LogKey } from '../../../ports/live-log.js';
import type { Subscription } from '../../../ports/subscription.js';
import type { Channels } from '../channels.js';
import type { RedisClient } from '../connection/clients.js';
import type { Shards } from '../connection/shards.js';
import type { Keys } from '../keys.js';
import { type Envelopes, type Outgoing, payloadOf } from './envelope.js';
import { ReaderGroup } from './reader-group.js';

export type PresenceChange = RoomEvents['presence:changed'];

export interface ReadersDeps {
  client: RedisClient;
  shards: Shards;
  channels: Channels;
  keys: Keys;
  envelopes: Envelopes;
  logger: Logger;
}

interface ReaderEvents {
  /** The set of users changed. The listener decides what readers are told. */
  presence: [change: PresenceChange];
  /** Events of the conversation were missed. Its readers are told to read again. */
  gap: [conversationId: number];
}

const AT_ONCE = 100;

/**
 * This node's readers, by conversation. Events come through the conversation's channel, which is subscribed as long
 * as it has a reader here; this node's own events come from the call that publishes them. A gap in the chain, or a
 * lost subscription, resynchronises the readers.
 */
export class ConversationReaders {
  readonly events = new EventEmitter<ReaderEvents>();
  #deps: ReadersDeps;
  #groups = new Map<number, ReaderGroup>();
  /** Own events that are not delivered yet, by serial. */
  #untold = new Map<number, Outgoing>();

  constructor(deps: ReadersDeps) {
    this.#deps = deps;
    for (const event of ['recovered', 'changed'] as const) {
      deps.shards.events.on(event, () => this.#recheck());
    }
  }

  /** Resolves when events published from now on will arrive. In an outage it resolves soon, and a resync follows. */
  async subscribe(conversationId: number, reader: ConversationReader): Promise<Subscription> {
    const group = this.#groups.get(conversationId) ?? this.#open(conversationId);
    group.readers.add(reader);
    await group.ready;
    return { close: () => this.#close(group, reader) };
  }

  /** Delivers events outside the order. */
  deliver(conversationId: number, event: RoomEvent): void {
    this.#groups.get(conversationId)?.tell(event);
  }

  /** A reader got text of this attempt: events of lower attempts come too late. */
  sawAttempt({ conversationId, messageId }: LogKey, attempt: number): void {
    this.#groups.get(conversationId)?.sawAttempt(messageId, attempt);
  }

  /** An own event is about to be published. One of the next three calls follows. */
  sending(own: Outgoing): void {
    this.#untold.set(own.serial, own);
  }

  /**
   * The store has put the event after the one with this tag or serial. Returns null, or a promise that resolves when
   * readers here have it.
   */
  placed(own: Outgoing, after: string | number): Promise<void> | null {
    const group = this.#groups.get(own.conversationId);
    if (!group || !this.#untold.has(own.serial)) {
      this.#untold.delete(own.serial);
      return null;
    }
    const { envelopes } = this.#deps;
    return group.place(own, typeof after === 'number' ? envelopes.tagOf(after) : after);
  }

  /** The event could not be published, as far as is known. Readers here get it all the same. */
  unplaced(own: Outgoing): void {
    if (this.#untold.delete(own.serial)) this.#groups.get(own.conversationId)?.giveUp(own);
  }

  /** The event was not published, so readers here do not get it. */
  dropped(own: Outgoing): void {
    this.#untold.delete(own.serial);
  }

  resync(conversationId: number): void {
    this.#groups.get(conversationId)?.resync();
  }

  resyncAll(): void {
    for (const group of [...this.#groups.values()]) group.resync();
  }

  /**
   * A reader asked for missing text and could not get it. As soon as Redis replies, all readers are told to ask
   * again.
   */
  doubt(conversationId: number): void {
    const group = this.#groups.get(conversationId);
    if (!group) return;
    group.unsure = group.unchecked = true;
    const { shards, keys } = this.#deps;
    if (!shards.of(keys.newest(conversationId)).circuit.open) void this.#check(group);
  }

  /** See the port. Asks only about conversations that had no event since the last call. */
  async verify(conversationIds: readonly number[]): Promise<void> {
    const quiet = conversationIds.flatMap((id) => {
      const group = this.#groups.get(id);
      return group?.look() || group?.isDoubtful ? [group] : [];
    });
    for (let i = 0; i < quiet.length; i += AT_ONCE) {
      await Promise.all(quiet.slice(i, i + AT_ONCE).map((group) => this.#verify(group)));
    }
  }

  #open(conversationId: number): ReaderGroup {
    const { channels, keys, envelopes } = this.#deps;
    const group = new ReaderGroup(conversationId, {
      untold: this.#untold,
      tagOf: (own) => envelopes.tagOf(own.serial),
      onGap: () => void this.events.emit('gap', conversationId),
    });
    const confirmed = channels.subscribe(keys.channel(conversationId), {
      onMessage: (text) => this.#receive(group, text),
      onConfirmed: () => void this.#check(group),
    });
    group.ready = this.#begin(group, confirmed);
    this.#groups.set(conversationId, group);
    return group;
  }

  #close(group: ReaderGroup, reader: ConversationReader): void {
    group.readers.delete(reader);
    if (group.readers.size > 0 || this.#groups.get(group.conversationId) !== group) return;
    this.#groups.delete(group.conversationId);
    group.release();
    this.#deps.channels.unsubscribe(this.#deps.keys.channel(group.conversationId));
  }

  async #begin(group: ReaderGroup, confirmed: Promise<boolean>): Promise<void> {
    group.begin((await confirmed) ? await this.#stored(group) : undefined);
  }

  /** Makes readers resynchronise after a lost subscription, unless the store says that nothing happened meanwhile. */
  async #check(group: ReaderGroup): Promise<void> {
    await group.ready;
    const { heard } = group;
    const stored = await this.#stored(group);
    if (stored === undefined) group.unchecked = true;
    else group.check(stored, heard);
  }

  async #verify(group: ReaderGroup): Promise<void> {
    if (group.isDoubtful) return this.#check(group);
    const { heard } = group;
    const stored = await this.#stored(group);
    if (stored !== undefined) group.suspect(stored, heard);
  }

  #recheck(): void {
    for (const group of this.#groups.values()) if (group.unchecked) void this.#check(group);
  }

  /** The tag of the conversation's newest event; null if it has none, undefined if Redis does not reply. */
  async #stored({ conversationId }: ReaderGroup): Promise<string | null | undefined> {
    const { client, shards, keys } = this.#deps;
    const key = keys.newest(conversationId);
    try {
      return await shards.of(key).circuit.run(() => client.get(key));
    } catch {
      return undefined;
    }
  }

  #receive(group: ReaderGroup, text: string): void {
    const head = this.#deps.envelopes.read(text);
    if (head) group.hear(head, () => this.#deliverText(group, text));
    else this.#unreadable(group, new Error('no envelope'));
  }

  /** `e` is null in a call to resynchronise. */
  #deliverText(group: ReaderGroup, text: string): void {
    try {
      const { e: event }: { e: RoomEvent | null } = JSON.parse(text);
      if (event?.name === 'presence:changed') this.events.emit('presence', event.payload);
      else if (event) group.tell(event, payloadOf(text));
      else group.resync();
    } catch (error) {
      this.#unreadable(group, error);
    }
  }

  #unreadable(group: ReaderGroup, err: unknown): void {
    const { conversationId } = group;
    this.#deps.logger.error({ err, conversationId }, 'event of another node unreadable');
    group.resync();
  }
}
