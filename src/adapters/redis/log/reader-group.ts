import type { RoomEvent } from '../../../contract/events.js';
import type { ConversationReader } from '../../../ports/live-log.js';
import { type Head, type Outgoing, payloadJsonOf } from './envelope.js';
import { EventChain } from './event-chain.js';
import { HeldEvents } from './held-events.js';
import { LateEvents } from './late-events.js';

export interface GroupPorts {
  /** Own events of this node that nobody was told yet, by serial. */
  untold: Map<number, Outgoing>;
  tagOf(own: Outgoing): string;
  /** Called in addition to a resync when something was missed. */
  onGap(): void;
}

/**
 * This node's readers of one conversation, who get events in the order of the chain. An own event is delivered as
 * soon as the store has given it a place and all events before it are delivered, usually before the channel brings
 * it.
 */
export class ReaderGroup {
  readonly conversationId: number;
  readonly #ports: GroupPorts;
  readonly readers = new Set<ConversationReader>();
  readonly #chain = new EventChain();
  readonly #late = new LateEvents();
  readonly #held = new HeldEvents(() => this.#overdue());
  /** The last own event delivered without waiting for a silent channel; null while the channel works. */
  #silent: string | null = null;
  /** The newest event here at the time when the store first had a newer one. */
  #suspect: string | null = null;
  /** The count of received events at the last check. */
  #looked: number | null = null;
  /** Resolves when the subscription is established or overdue. */
  ready: Promise<void> = Promise.resolve();
  /** There may be a gap that the chain does not show. */
  unsure = false;
  /** The chain has yet to be compared with the store. */
  unchecked = false;

  constructor(conversationId: number, ports: GroupPorts) {
    this.conversationId = conversationId;
    this.#ports = ports;
  }

  /** The count of received events, for `check`. */
  get heard(): number {
    return this.#chain.count;
  }

  /** `stored`: the newest in the store after the subscription was established; undefined if unknown. */
  begin(stored: string | null | undefined): void {
    this.unsure = this.unchecked = stored === undefined;
    if (stored !== undefined) this.#chain.begin(stored);
  }

  tell(event: RoomEvent, payloadJson?: string): void {
    if (this.#late.isLate(event)) return;
    for (const reader of [...this.readers]) reader.onEvent(event, payloadJson);
  }

  /** Readers are about to get text of this attempt by other means. */
  sawAttempt(messageId: number, attempt: number): void {
    this.#late.see(messageId, attempt);
  }

  resync(): void {
    this.#silent = this.#suspect = null;
    for (const reader of [...this.readers]) reader.onResync();
  }

  /**
   * Takes an own event that the store put after `before`. Resolves when it is delivered; null if that happened at
   * once.
   */
  place(own: Outgoing, before: string): Promise<void> | null {
    if (this.#silent !== null) {
      this.#silent = this.#ports.tagOf(own);
      this.#pass(own);
    } else if (this.#chain.isNext(before)) {
      this.#goAhead(own);
      this.#passHeld();
    } else {
      return this.#held.add(own, before);
    }
    return null;
  }

  /** Takes an own event without a place. */
  giveUp(own: Outgoing): void {
    this.release();
    this.#pass(own);
  }

  /** Takes an event of the channel. `tell` passes on one of another node. */
  hear({ before, tag, serial }: Head, tell: () => void): void {
    const unbroken = this.#chain.hear(before, tag);
    const own = serial === null ? undefined : this.#ports.untold.get(serial);
    if (own) this.#passHeard(own);
    else if (serial === null) tell();
    this.#passHeld();
    if (!unbroken || this.#silent === tag) this.#missed();
  }

  /** Delivers waiting own events: the events they wait for will not come. */
  release(): void {
    for (const { own, told } of this.#held.takeAll()) {
      this.#pass(own);
      told();
    }
  }

  /** Takes the store's newest tag at the time of `heard`. Unless readers have it, they resynchronise. */
  check(stored: string | null, heard: number): void {
    const isLate = this.#held.size > 0 || this.#silent !== null;
    this.release();
    // Events received since the request have already been compared with their predecessors.
    const missed = this.#chain.count === heard && this.#chain.compare(stored);
    if (missed || isLate || this.unsure) this.#missed();
    this.unsure = this.unchecked = false;
  }

  /** Whether nothing was received between the last check and this one, so that only the store can show a loss. */
  look(): boolean {
    const isQuiet = this.#looked === this.#chain.count && this.#chain.newest !== null;
    this.#looked = this.#chain.count;
    return isQuiet;
  }

  /** Does what `check` does, but tolerates one difference: the store's newest event may be on its way. */
  suspect(stored: string | null, heard: number): void {
    const { newest, count } = this.#chain;
    if (count !== heard || newest === (stored ?? '')) this.#suspect = null;
    else if (this.#suspect !== newest) this.#suspect = newest;
    else this.check(stored, heard);
  }

  /** True: ask the store at the next occasion and call `check`. */
  get isDoubtful(): boolean {
    return this.unchecked || this.#silent !== null;
  }

  #missed(): void {
    this.resync();
    this.#ports.onGap();
  }

  #pass(own: Outgoing): void {
    this.#ports.untold.delete(own.serial);
    if (own.event) this.tell(own.event, payloadJsonOf(own));
    else this.resync();
  }

  #goAhead(own: Outgoing): void {
    this.#chain.goAhead(this.#ports.tagOf(own));
    this.#pass(own);
  }

  /** The channel was faster than the store's reply, or than the event waited for. */
  #passHeard(own: Outgoing): void {
    const held = this.#held.size > 0 ? this.#held.take(own.serial) : undefined;
    this.#pass(own);
    held?.told();
  }

  /** The events whose turn it is now. */
  #passHeld(): void {
    while (this.#held.size > 0) {
      const held = this.#held.takeAfter(this.#chain.newest);
      if (!held) return;
      this.#goAhead(held.own);
      held.told();
    }
  }

  /**
   * The channel is silent: readers here continue without other nodes' events, and resynchronise when it works again.
   */
  #overdue(): void {
    const { last } = this.#held;
    this.release();
    this.#silent = last && this.#ports.tagOf(last);
  }
}
