import type { FinalStatus, MessageRole, MessageStatus } from '../src/contract/rest.js';
import type { Ack, Deed, Receipt } from './deeds.js';

/** One deed, as its device knows it. */
export interface Ask {
  /** Key of the deed, and of the text that it brings. */
  readonly key: string;
  readonly phone: string;
  readonly manner: string;
  readonly deed: Deed;
  /** The text that a continued answer had on that device; null for other deeds. */
  readonly kept: string | null;
  /** All times are in ms since the load began. */
  readonly at: number;
  /** When its outcome was known; infinite if it is not known. */
  endedAt: number;
  /** A repeated call has more than one. They must be equal. */
  readonly receipts: Receipt[];
  /** The lowest attempt of its answer in an acknowledgement. */
  attempt: number;
  /** The ids that a deletion took, as acknowledged. */
  readonly gone: Set<number>;
  /** The reason for giving it up. */
  refused: string | null;
  /** Whether it had to wait for other answers of its conversation or user; null while unknown. */
  waited: boolean | null;
  firstTextAt: number | null;
}

/** An answer on the screen of a device. */
export interface Shown {
  status: MessageStatus;
  attempt: number;
  text: string;
}

/** A message on the branch that a device shows. */
export interface Held extends Shown {
  id: number;
  role: MessageRole;
  finishReason: string | null;
  siblings: readonly number[];
}

export const isFinal = (status: MessageStatus): status is FinalStatus =>
  status !== 'queued' && status !== 'streaming';

/** What one device showed of one conversation. */
export interface View {
  phone: string;
  conversationId: number;
  /** Time in ms since the load began; null if it followed to the end. */
  leftAt: number | null;
  /** The ids of the branch that it shows, oldest first. */
  branch: readonly number[];
  /** All answers that it holds. */
  screen: ReadonlyMap<number, Shown>;
  /** The texts of the questions on that branch. */
  questions: ReadonlyMap<number, string>;
  /** How each answer looked when the device first considered an attempt ended. */
  ends: ReadonlyMap<number, readonly Shown[]>;
  /** Events of the device's life. */
  trail: readonly string[];
}

/** Keeps how an answer looks when an attempt of it has ended. */
export function noteEnd(ends: Map<number, Shown[]>, id: number, shown: Shown): void {
  const { status, attempt, text } = shown;
  const known = ends.get(id) ?? [];
  if (!isFinal(status) || known.at(-1)?.attempt === attempt) return;
  ends.set(id, [...known, { status, attempt, text }]);
}

/** All deeds of the soak. */
export class Book {
  readonly asks = new Map<string, Ask>();
  /** The time at which a person first pressed stop, by answer. */
  readonly stops = new Map<number, number>();
  readonly #byAnswer = new Map<number, Ask>();
  readonly #since: () => number;

  constructor(since: () => number) {
    this.#since = since;
  }

  get now(): number {
    return this.#since();
  }

  open(given: Pick<Ask, 'key' | 'phone' | 'manner' | 'deed' | 'kept'>): Ask {
    const none = { receipts: [], attempt: 0, refused: null, waited: null, firstTextAt: null };
    const times = { at: this.now, endedAt: Number.POSITIVE_INFINITY };
    const ask: Ask = { ...given, ...times, ...none, gone: new Set() };
    this.asks.set(ask.key, ask);
    return ask;
  }

  acknowledged(ask: Ask, { receipt, status, attempt, gone }: Ack): void {
    ask.attempt = ask.receipts.length === 0 ? attempt : Math.min(ask.attempt, attempt);
    ask.receipts.push(receipt);
    for (const id of gone) ask.gone.add(id);
    if (status === null || receipt.answerId === null || ask.deed.kind === 'continue') return;
    ask.waited ??= status === 'queued';
    this.#byAnswer.set(receipt.answerId, ask);
  }

  /** Every reply has come, or the server has refused it. */
  ended(ask: Ask): void {
    ask.endedAt = this.now;
  }

  /** A user presses stop. */
  stopping(answerId: number): void {
    if (!this.stops.has(answerId)) this.stops.set(answerId, this.now);
  }

  /** A device shows the first text of an answer. Only the asking device counts. */
  firstText(answerId: number, phone: string): void {
    const ask = this.#byAnswer.get(answerId);
    if (ask?.phone === phone) ask.firstTextAt ??= this.now;
  }
}
