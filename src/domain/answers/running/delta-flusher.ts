import type { Piece, Spoken } from '../../../contract/spoken.js';
import { AnswerTooLong } from '../abort-reasons.js';
import type { AnswerLog } from '../answer-log.js';
import { Coalescer, type CoalescerLimits } from './coalescer.js';
import type { FlushClock } from './flush-clock.js';

export interface DeltaFlusherOptions {
  clock: FlushClock;
  /** The text cannot be written any more. */
  onFailure(reason: Error): void;
  /** Called once, with the first text. */
  onFirst?(): void;
  /** Default: those of answers */
  limits?: CoalescerLimits;
}

/**
 * Turns the model's pieces into deltas of the live log: the first at once, the rest on the node's flush clock. One
 * append is under way at a time. Text that arrives meanwhile waits in the coalescer, so a slow log makes larger
 * deltas.
 */
export class DeltaFlusher {
  #answer: AnswerLog;
  #clock: FlushClock;
  #onFailure: (reason: Error) => void;
  #onFirst: () => void;
  #coalescer: Coalescer;
  #writing: Promise<void> | null = null;
  /** The log must catch up after the write that is under way. */
  #lags = false;
  #hasText = false;
  #hasReasoning = false;
  #closed = false;

  constructor(
    answer: AnswerLog,
    { clock, onFailure, onFirst = () => {}, limits }: DeltaFlusherOptions,
  ) {
    this.#coalescer = new Coalescer(limits);
    this.#answer = answer;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#onFirst = onFirst;
  }

  push(text: string): void {
    if (this.#closed) return;
    if (!this.#coalescer.push(text)) this.#onFailure(new AnswerTooLong());
    if (this.#hasText) {
      this.#clock.schedule(this);
    } else {
      this.#hasText = true;
      this.#onFirst();
      this.flush();
    }
  }

  /** The first piece of reasoning is written at once, too. */
  pushReasoning(text: string): void {
    if (this.#closed) return;
    if (!this.#coalescer.pushReasoning(text)) this.#onFailure(new AnswerTooLong());
    if (this.#hasReasoning) {
      this.#clock.schedule(this);
    } else {
      this.#hasReasoning = true;
      this.flush();
    }
  }

  /** Takes the text and the reasoning that the answer continues. Call it before anything else. */
  goOn({ text, reasoning }: Spoken): void {
    if (reasoning !== '') {
      this.#hasReasoning = true;
      this.#coalescer.pushReasoning(reasoning);
    }
    if (text !== '') this.push(text);
    else this.flush();
  }

  flush(): void {
    if (this.#writing || this.#closed) return;
    const deltas = this.#coalescer.take();
    if (deltas.length === 0) return;
    this.#follow(this.#write(deltas));
  }

  /** Call it when the log can be reached again: missing deltas then need not wait for the model's next piece. */
  catchUp(): void {
    if (this.#closed) return;
    this.#lags = this.#writing !== null;
    if (!this.#lags) this.#follow(this.#answer.catchUp());
  }

  /** Writes what is left, then `last`. @throws LeaseLost */
  async end(last?: Spoken): Promise<void> {
    this.#closed = true;
    await this.#writing;
    if (last?.reasoning) this.#coalescer.pushReasoning(last.reasoning);
    if (last) this.#coalescer.push(last.text);
    await this.#write([...this.#coalescer.take(), ...this.#coalescer.end()]);
  }

  /** Writes nothing from now on. */
  discard(): void {
    this.#closed = true;
  }

  async #write(deltas: readonly Piece[]): Promise<void> {
    for (const delta of deltas) await this.#answer.append(delta);
  }

  #follow(writing: Promise<void>): void {
    this.#writing = writing.then(
      () => this.#written(),
      (error: Error) => {
        this.#closed = true;
        this.#onFailure(error);
      },
    );
  }

  #written(): void {
    this.#writing = null;
    if (this.#lags) this.catchUp();
    else if (!this.#closed && this.#coalescer.hasText) this.#clock.schedule(this);
  }
}
