import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerLog } from '../../src/domain/answers/answer-log.js';
import type { LiveLog, LogKey } from '../../src/ports/live-log.js';

const EVERY_MS = 20;

/** An owner that appends a word every 20 ms, whatever happens, as a model stream would. */
export class SteadyAnswer {
  readonly log: AnswerLog;
  #going = true;
  #done: Promise<void>;

  constructor(engineLog: LiveLog, key: LogKey, attempt = 1) {
    this.log = new AnswerLog(engineLog, key, { attempt, claimId: 'a' }, async () => true);
    this.#done = this.#run();
  }

  /** Resolves when `count` more deltas have been appended. */
  async more(count: number): Promise<void> {
    const enough = this.log.seq + count;
    while (this.log.seq < enough) await sleep(EVERY_MS / 2);
  }

  /** Stops, and returns the whole text. */
  async end(): Promise<string> {
    this.#going = false;
    await this.#done;
    return this.log.text;
  }

  async #run(): Promise<void> {
    await this.log.begin();
    while (this.#going) {
      await this.log.append(`${this.log.seq + 1}号 `);
      await sleep(EVERY_MS);
    }
  }
}
