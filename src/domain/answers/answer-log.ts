import { createHash } from 'node:crypto';
import type { Cursor } from '../../contract/events.js';
import { type Piece, reasoningOf, textOf } from '../../contract/spoken.js';
import type { Claim } from '../../entities/entities.js';
import type { AppendResult, LiveLog, LogKey, LogSlice } from '../../ports/live-log.js';
import { LeaseLost } from './abort-reasons.js';

/** The part of a claim that writes its log. */
export type LogClaim = Pick<Claim, 'attempt' | 'claimId'>;

/** Whether this is the end of a log that goes up to `cursor`, or belongs to a higher attempt. */
export const reaches = (
  found: Pick<LogSlice, 'attempt' | 'seq'> | null,
  { attempt, seq }: Cursor,
): boolean =>
  found !== null && (found.attempt > attempt || (found.attempt === attempt && found.seq >= seq));

/** UTF-16 code units per call of the digest: a call for each delta would cost more than the digest itself. */
const DIGESTED_AT_ONCE = 8_192;

/**
 * The owner's side of one answer's live log. It keeps every delta, so that a lost log can be written again. Calls
 * must not overlap: each waits for the one before.
 */
export class AnswerLog {
  readonly deltas: Piece[] = [];
  /** Covers the text but for its end, so that a long text is not digested again when it ends. */
  readonly #digest = createHash('sha256');
  #undigested = '';
  #log: LiveLog;
  #key: LogKey;
  #claim: LogClaim;
  #stillMine: () => Promise<boolean>;
  /** The shared log may end before `deltas` do. */
  #lacks = false;
  /** False: entries of the shared log may belong to another claim with the same attempt. */
  #isMarked = false;

  /** `stillMine` asks Postgres whether this claim still owns the answer. It runs before a lost log is written again. */
  constructor(log: LiveLog, key: LogKey, claim: LogClaim, stillMine: () => Promise<boolean>) {
    this.#log = log;
    this.#key = key;
    this.#claim = claim;
    this.#stillMine = stillMine;
  }

  get seq() {
    return this.deltas.length;
  }

  get text() {
    return this.deltas.map(textOf).join('');
  }

  /** Empty if the model did not reason. */
  get reasoning() {
    return this.deltas.map(reasoningOf).join('');
  }

  /** Digest of the text in UTF-8, in lower-case hex. */
  get sha256() {
    return this.#digest.copy().update(this.#undigested).digest('hex');
  }

  /** Whether the shared log has all that was appended, so that its readers have got it or know of a gap. */
  get isWhole() {
    return !this.#lacks;
  }

  /** @throws LeaseLost if a higher attempt writes this log, or another claim with this attempt */
  async begin(): Promise<void> {
    const { attempt, claimId } = this.#claim;
    const result = await this.#log.begin(this.#key, attempt, claimId);
    this.#check(result);
    this.#isMarked = result !== 'unreachable';
  }

  /** Gives the claim another attempt. Nothing may have been written with the one before. */
  renumber(claim: LogClaim): void {
    this.#claim = claim;
  }

  /** @throws LeaseLost if another claim writes the log, or if this claim does not own the answer any more */
  async append(delta: Piece): Promise<void> {
    this.deltas.push(delta);
    this.#undigested += textOf(delta);
    if (this.#undigested.length > DIGESTED_AT_ONCE) this.#digestText();
    if (!this.#isMarked) await this.begin();
    const cursor = { attempt: this.#claim.attempt, seq: this.seq };
    const result = await this.#log.append(this.#key, cursor, delta);
    this.#check(result);
    // An entry is appended only behind the one before it.
    this.#lacks = result !== 'appended';
    if (result === 'missing') await this.#rewrite();
  }

  /** Writes the log again if it is incomplete. @throws LeaseLost as `append` does */
  async catchUp(): Promise<void> {
    if (!this.#isMarked) await this.begin();
    const { attempt } = this.#claim;
    const before = { attempt, seq: Math.max(0, this.seq - 1) };
    const found = await this.#log.read(this.#key, before);
    if (reaches(found, { attempt, seq: this.seq })) this.#lacks = false;
    else await this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    if (!(await this.#stillMine())) throw new LeaseLost();
    const { attempt, claimId } = this.#claim;
    const result = await this.#log.rewrite(this.#key, attempt, this.deltas, claimId);
    this.#check(result);
    this.#lacks = result !== 'appended';
  }

  #digestText(): void {
    this.#digest.update(this.#undigested);
    this.#undigested = '';
  }

  #check(result: AppendResult): void {
    if (result === 'fenced') throw new LeaseLost();
  }
}
