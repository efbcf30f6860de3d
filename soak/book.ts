import type { FinalStatus, MessageStatus } from '../src/contract/rest.js';

/** The ids in an acknowledgement. */
export interface Receipt {
  conversationId: number;
  questionId: number;
  answerId: number;
}

/** One question, as its askers know it. */
export interface Ask {
  readonly key: string;
  readonly phone: string;
  readonly manner: string;
  readonly content: string;
  /** All times are in ms since the load began. */
  readonly at: number;
  /** More than one if the send was repeated. They must be equal. */
  readonly receipts: Receipt[];
  /** The reason for giving it up. */
  refused: string | null;
  stopAt: number | null;
  /** Whether it had to wait for other answers of its conversation or user; null while unknown. */
  waited: boolean | null;
  firstTextAt: number | null;
}

/** An answer on the screen of a device. */
export interface Shown {
  status: MessageStatus;
  text: string;
}

export const isFinal = (status: MessageStatus): status is FinalStatus =>
  status !== 'queued' && status !== 'streaming';

/** What one device showed of one conversation. */
export interface View {
  phone: string;
  conversationId: number;
  /** In ms since the load began; null if it followed to the end. */
  leftAt: number | null;
  screen: ReadonlyMap<number, Shown>;
  /** How each answer looked when the device first considered it ended. */
  ends: ReadonlyMap<number, Shown>;
  /** Events of the device's life. */
  trail: readonly string[];
}

/** All questions of the soak. */
export class Book {
  readonly asks = new Map<string, Ask>();
  readonly #byAnswer = new Map<number, Ask>();
  readonly #since: () => number;

  constructor(since: () => number) {
    this.#since = since;
  }

  get now(): number {
    return this.#since();
  }

  open(given: Pick<Ask, 'key' | 'phone' | 'manner' | 'content'>): Ask {
    const none = { receipts: [], refused: null, stopAt: null, waited: null, firstTextAt: null };
    const ask: Ask = { ...given, at: this.now, ...none };
    this.asks.set(ask.key, ask);
    return ask;
  }

  acknowledged(ask: Ask, receipt: Receipt, status: MessageStatus): void {
    ask.receipts.push(receipt);
    ask.waited ??= status === 'queued';
    this.#byAnswer.set(receipt.answerId, ask);
  }

  /** A user presses stop. */
  stopping(ask: Ask): void {
    ask.stopAt ??= this.now;
  }

  /** A device shows the first text of an answer. Only the asking device counts. */
  firstText(answerId: number, phone: string): void {
    const ask = this.#byAnswer.get(answerId);
    if (ask?.phone === phone) ask.firstTextAt ??= this.now;
  }
}
