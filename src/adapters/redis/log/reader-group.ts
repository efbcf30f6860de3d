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
  /** Called when something was missed, besides a resync. */
  onGap(): void;
}

/**
 * This node's readers of one conversation, who are told in the order of the chain. An own event is told as soon as the
 * store has given it a place and all before it were told, which usually is before the channel brings it.
 */
export class ReaderGroup {
  readonly conversationId: number;
  readonly #ports: GroupPorts;
  readonly readers = new Set<ConversationReader>();
  readonly #chain = new EventChain();
  readonly #late = new LateEvents();
  readonly #held = new HeldEvents(() => this.#overdue());
  /** The last own event that was told without waiting for the channel, which is silent; null while it speaks. */
  #silent: string | null = null;
  /** What was newest here when the store first had something newer. */
  #suspect: string | null = null;
  /** How much had been heard at the last look. */
  #looked: number | null = null;
  /** Resolves when the subscription holds, or will not soon. */
  ready: Promise<void> = Promise.resolve();
  /** There may be a gap that the chain does not show. */
  unsure = false;
  /** The chain is still to be compared with the store. */
  unchecked = false;

  constructor(conversationId: number, ports: GroupPorts) {
    this.conversationId = conversationId;
    this.#ports = ports;
  }

  /** How much was heard; for `check`. */
  get heard(): number {
    return this.#chain.count;
  }

  /** `stored`: the newest in the store when the subscription held already; undefined: not known. */
  begin(stored: string | null | undefined): void {
    this.unsure = this.unchecked = stored === undefined;
    if (stored !== undefined) this.#chain.begin(stored);
  }

  tell(event: RoomEvent, payloadJson?: string): void {
    if (this.#late.isLate(event)) return;
    for (const reader of [...this.readers]) reader.onEvent(event, payloadJson);
  }

  /** Readers are about to get text of this attempt by another way. */
  sawAttempt(messageId: number, attempt: number): void {
    this.#late.see(messageId, attempt);
  }

  resync(): void {
    this.#silent = this.#suspect = null;
    for (const reader of [...this.readers]) reader.onResync();
  }

  /** Takes an own event that the store put after `before`. Resolves when it was told; null: it was, at once. */
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

  /** An own event that has no place. */
  giveUp(own: Outgoing): void {
    this.release();
    this.#pass(own);
  }

  /** Takes an event of the channel; `tell` passes one of another node on. */
  hear({ before, tag, serial }: Head, tell: () => void): void {
    const unbroken = this.#chain.hear(before, tag);
    const own = serial === null ? undefined : this.#ports.untold.get(serial);
    if (own) this.#passHeard(own);
    else if (serial === null) tell();
    this.#passHeld();
    if (!unbroken || this.#silent === tag) this.#missed();
  }

  /** Own events that wait are told: what they wait for does not come any more. */
  release(): void {
    for (const { own, told } of this.#held.takeAll()) {
      this.#pass(own);
      told();
    }
  }

  /** Takes what the store said was newest when `heard` was as given: unless readers have it, they start afresh. */
  check(stored: string | null, heard: number): void {
    const isLate = this.#held.size > 0 || this.#silent !== null;
    this.release();
    // What was heard since the question has been compared with what was before it.
    const missed = this.#chain.count === heard && this.#chain.compare(stored);
    if (missed || isLate || this.unsure) this.#missed();
    this.unsure = this.unchecked = false;
  }

  /** Whether nothing was heard between the last look and this one, so that only the store can tell of a loss. */
  look(): boolean {
    const isQuiet = this.#looked === this.#chain.count && this.#chain.newest !== null;
    this.#looked = this.#chain.count;
    return isQuiet;
  }

  /** As `check`, but forgives one time: what is newest in the store may be under way. */
  suspect(stored: string | null, heard: number): void {
    const { newest, count } = this.#chain;
    if (count !== heard || newest === (stored ?? '')) this.#suspect = null;
    else if (this.#suspect !== newest) this.#suspect = newest;
    else this.check(stored, heard);
  }

  /** True: the store is to be asked at the next occasion, and `check` told. */
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

  /** The channel was quicker than the store's answer, or than what the event waited for. */
  #passHeard(own: Outgoing): void {
    const held = this.#held.size > 0 ? this.#held.take(own.serial) : undefined;
    this.#pass(own);
    held?.told();
  }

  /** Those whose turn it is now. */
  #passHeld(): void {
    while (this.#held.size > 0) {
      const held = this.#held.takeAfter(this.#chain.newest);
      if (!held) return;
      this.#goAhead(held.own);
      held.told();
    }
  }

  /** The channel is silent: readers here go on without the others' events, and start afresh when it speaks. */
  #overdue(): void {
    const { last } = this.#held;
    this.release();
    this.#silent = last && this.#ports.tagOf(last);
  }
}
