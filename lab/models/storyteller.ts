import { setInterval as every } from 'node:timers';
import { HeldAnswer } from './held-answer.js';
import type { Behaviour, Upstream } from './scripted-upstream.js';

export interface StorytellerOptions {
  everyMs: number;
  /** Number of pieces of a story, by its title. Infinity: until `end` is called. */
  pieces(title: string): number;
  /** Silence before the end, in pieces. Default: none. */
  silence?(title: string): number;
}

interface Telling {
  title: string;
  /** The number of this telling of the title. */
  number: number;
  pieces: number;
  told: number;
  silence: number;
}

/**
 * A model that tells the requested story piece by piece, whether anybody listens or not. Each piece names its story,
 * telling and position, so that a lost, repeated or misplaced piece is noticed.
 */
export class Storyteller {
  mostAtOnce = 0;
  #options: StorytellerOptions;
  #tellings = new Map<string, Telling[]>();
  #open = 0;
  #ending = false;

  constructor(upstream: Upstream, options: StorytellerOptions) {
    this.#options = options;
    upstream.otherwise(this.#tell);
  }

  /** Number of stories that are being told. */
  get open() {
    return this.#open;
  }

  /** How often this story was requested. */
  tellings(title: string): number {
    return this.#tellings.get(title)?.length ?? 0;
  }

  /** The whole text of one telling, by default the last. No two are equal. */
  text(title: string, number = this.tellings(title)): string {
    const telling = this.#tellings.get(title)?.[number - 1];
    if (!telling) throw new Error(`never told: ${title}/${number}`);
    const count = Number.isFinite(telling.pieces) ? telling.pieces : telling.told;
    return Array.from({ length: count }, (_, n) => piece(telling, n + 1)).join('');
  }

  /** Ends all stories that have no end of their own. */
  end(): void {
    this.#ending = true;
  }

  #begin(title: string): Telling {
    const { pieces, silence = () => 0 } = this.#options;
    const earlier = this.#tellings.get(title) ?? [];
    const telling: Telling = {
      title,
      number: earlier.length + 1,
      pieces: pieces(title),
      told: 0,
      silence: silence(title),
    };
    this.#tellings.set(title, [...earlier, telling]);
    return telling;
  }

  #tell: Behaviour = async (response, request) => {
    const title = request.body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const telling = this.#begin(title);
    this.#open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
    const held = new HeldAnswer();
    held.open(response, request);
    const timer = every(() => this.#tellOn(held, telling), this.#options.everyMs);
    await held.closed;
    clearInterval(timer);
    this.#open -= 1;
  };

  #tellOn(held: HeldAnswer, telling: Telling): void {
    if (this.#ending && telling.pieces === Number.POSITIVE_INFINITY) held.finish();
    else if (telling.told < telling.pieces) {
      telling.told += 1;
      held.write(piece(telling, telling.told));
    } else if (telling.silence > 0) telling.silence -= 1;
    else held.finish();
  }
}

const piece = ({ title, number }: Telling, n: number) => `${title}/${number}·${n}号👩‍🚀 `;
