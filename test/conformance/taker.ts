import { expect } from 'chai';
import type { Cursor } from '../../src/contract/events.js';
import type { Delta, End } from '../../src/domain/answers/follow.js';

const START = { attempt: 0, seq: 0 };

/** Takes everything, and checks that each delta continues the one before, and that nothing follows the end. */
export class Taker {
  text = '';
  reasoning = '';
  pieces = 0;
  resets = 0;
  ends = 0;
  readonly done: Promise<unknown>;
  #last: Cursor;
  #changed = () => {};

  constructor(items: AsyncIterable<Delta | End>, cursor: Cursor = START) {
    this.#last = cursor;
    this.done = this.#takeAll(items).catch((error: unknown) => error);
  }

  async until(text: string): Promise<void> {
    while (this.text !== text) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async #takeAll(items: AsyncIterable<Delta | End>): Promise<void> {
    for await (const item of items) {
      expect(this.ends).to.equal(0);
      if (item.kind === 'end') this.ends += 1;
      else this.#take(item);
      this.#changed();
    }
  }

  #take({ attempt, fromSeq, seq, text, reasoning = '' }: Delta): void {
    const { attempt: before, seq: last } = this.#last;
    if (fromSeq > 0) expect([attempt, fromSeq]).to.deep.equal([before, last]);
    else if (before > 0) this.resets += 1;
    expect(attempt).to.be.at.least(before);
    const goesOn = fromSeq > 0 || this.pieces === 0;
    this.text = goesOn ? this.text + text : text;
    this.reasoning = goesOn ? this.reasoning + reasoning : reasoning;
    this.pieces += 1;
    this.#last = { attempt, seq };
  }
}
