import type { AppendResult, LiveLog, LogKey } from '../../ports/engine.js';
import { LeaseLost } from './abort-reasons.js';

/**
 * The owner's side of one answer's live log. Remembers every delta, so that a log that was lost can be
 * written again. Calls must not overlap: each waits for the one before.
 */
export class AnswerLog {
  readonly deltas: string[] = [];
  #log: LiveLog;
  #key: LogKey;
  #attempt: number;
  #stillMine: () => Promise<boolean>;

  /** `stillMine` asks Postgres whether this attempt holds the answer; it is asked before a lost log is written again. */
  constructor(log: LiveLog, key: LogKey, attempt: number, stillMine: () => Promise<boolean>) {
    this.#log = log;
    this.#key = key;
    this.#attempt = attempt;
    this.#stillMine = stillMine;
  }

  get seq() {
    return this.deltas.length;
  }

  get text() {
    return this.deltas.join('');
  }

  /** @throws LeaseLost when a higher attempt writes this log. */
  async begin(): Promise<void> {
    this.#check(await this.#log.begin(this.#key, this.#attempt));
  }

  /** @throws LeaseLost when a higher attempt writes this log, or Postgres says that this one is not the owner's. */
  async append(delta: string): Promise<void> {
    this.deltas.push(delta);
    const cursor = { attempt: this.#attempt, seq: this.seq };
    const result = await this.#log.append(this.#key, cursor, delta);
    this.#check(result);
    if (result === 'missing') await this.#rewrite();
  }

  /** Writes the log again when it has not got all. @throws LeaseLost as `append` does. */
  async catchUp(): Promise<void> {
    const before = { attempt: this.#attempt, seq: Math.max(0, this.seq - 1) };
    const found = await this.#log.read(this.#key, before);
    const isWhole = found && (found.attempt > this.#attempt || found.seq >= this.seq);
    if (!isWhole) await this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    if (!(await this.#stillMine())) throw new LeaseLost();
    this.#check(await this.#log.rewrite(this.#key, this.#attempt, this.deltas));
  }

  #check(result: AppendResult): void {
    if (result === 'fenced') throw new LeaseLost();
  }
}
