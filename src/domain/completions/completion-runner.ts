import { createHash } from 'node:crypto';
import { LIMITS } from '../../contract/limits.js';
import type { CompletionFailure } from '../../entities/completion-failure.js';
import type { Charge, CompletionClaim } from '../../entities/entities.js';
import { AppError, unavailable } from '../../entities/errors.js';
import { ProviderError } from '../../ports/completion-provider.js';
import type { LiveLog, LogKey } from '../../ports/live-log.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { CompletionOutcome } from '../../ports/repositories/completion-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { AttemptSpan, Tracing } from '../../ports/tracing.js';
import { AnswerTooLong, HandedBack, LeaseLost } from '../answers/abort-reasons.js';
import { AnswerLog } from '../answers/answer-log.js';
import { HeldClaim } from '../answers/claims/held-claim.js';
import { markAttempt } from '../answers/claims/mark-attempt.js';
import { TriesUsedUp } from '../answers/outcome.js';
import { DeltaFlusher } from '../answers/running/delta-flusher.js';
import type { FlushClock } from '../answers/running/flush-clock.js';
import type { Logger } from '../logger.js';
import { retryWhileUnavailable } from '../retry.js';
import { tracedLogger } from '../traced-logger.js';
import { endOfChunk } from './chunks.js';

/** One call to a model. */
export interface CompletionCall {
  /** `onChunk` gets each chunk as the model server sent it. @throws any error that ends the call early */
  complete(
    onChunk: (json: string) => void,
    signal: AbortSignal,
    trace: string | null,
  ): Promise<void>;
  /** The usage of the call so far; null: nothing. */
  readonly charge: Charge | null;
}

export interface CompletionRunnerDeps {
  db: Pick<Database, 'completions'>;
  log: LiveLog;
  notices: NodeNotices;
  clock: FlushClock;
  logger: Logger;
  tracing: Pick<Tracing, 'attempt'>;
  /** The call of a claim that another one had before; `request` as it was stored. */
  callAgain(claim: CompletionClaim, request: string): Promise<CompletionCall>;
  /** The error that the caller gets. */
  failureOf(error: unknown): CompletionFailure;
  /** Claims after which an unfinished completion is given up. */
  tries: number;
}

const NOTHING = { content: '', sha256: createHash('sha256').digest('hex') };

/** Followers know completions by these ids, which no answer has. */
export const keyOf = (id: number): LogKey => ({ conversationId: -id, messageId: -id });

/** Produces one completion for one claim, from the mark in the live log to the announcement of its end. */
export class CompletionRunner {
  readonly #deps: CompletionRunnerDeps;
  readonly #span: AttemptSpan;
  readonly #key: LogKey;
  readonly #log: AnswerLog;
  readonly #flusher: DeltaFlusher;
  readonly #abort = new AbortController();
  /** Also ends steps that must not be given up while this node lives. */
  readonly #leaving = new AbortController();
  readonly held: HeldClaim<CompletionClaim>;
  #call: CompletionCall | null;

  /** `call`: null for a claim that another one had before. */
  constructor(deps: CompletionRunnerDeps, claim: CompletionClaim, call: CompletionCall | null) {
    const { answerChars: _, ...limits } = LIMITS;
    this.#span = deps.tracing.attempt({ ...claim, kind: 'completion' });
    this.#deps = { ...deps, logger: tracedLogger(deps.logger, this.#span.ids) };
    this.held = new HeldClaim(claim);
    this.#call = call;
    this.#key = keyOf(claim.id);
    this.#log = new AnswerLog(deps.log, this.#key, claim, () => this.#stillMine());
    this.#flusher = new DeltaFlusher(this.#log, {
      clock: deps.clock,
      onFailure: (reason) => this.abort(reason),
      limits: { ...limits, answerChars: LIMITS.completionChars },
    });
  }

  get claim(): CompletionClaim {
    return this.held.current;
  }

  /** The first reason counts. Safe to call at any time. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
    if (reason instanceof HandedBack) this.#leaving.abort(reason);
  }

  /** Resolves when nothing of this claim is left to do on this node. Never rejects. */
  async run(): Promise<void> {
    const recovered = this.#deps.log.onRecovered(() => this.#flusher.catchUp());
    try {
      await this.#mark();
      const failure = await this.#produce();
      await this.#span.ending(() => this.#finish(failure));
    } catch (error) {
      this.#flusher.discard();
      await this.#giveUp(error);
    } finally {
      recovered.close();
      this.#span.end();
    }
  }

  #mark(): Promise<void> {
    const { db, log } = this.#deps;
    return markAttempt({
      ...{ log, key: this.#key, answer: this.#log, held: this.held },
      raise: (claim, above) => this.#stored(() => db.completions.raise(claim, above)),
    });
  }

  /** Resolves to the failure, or null. */
  async #produce(): Promise<unknown> {
    const failure = await this.#stream().then(
      () => null,
      (error: unknown) => (this.#abort.signal.aborted ? this.#abort.signal.reason : error),
    );
    if (failure instanceof LeaseLost || failure instanceof HandedBack) throw failure;
    await this.#flusher.end();
    return failure;
  }

  async #stream(): Promise<void> {
    const { signal } = this.#abort;
    if (this.claim.tries > this.#deps.tries) throw unavailable(new TriesUsedUp());
    this.#call ??= await this.#callAgain();
    signal.throwIfAborted();
    await this.#call.complete(
      (json) => this.#flusher.push(endOfChunk(json)),
      signal,
      this.#span.trace,
    );
  }

  async #callAgain(): Promise<CompletionCall> {
    const { db, callAgain } = this.#deps;
    const request = await this.#stored(() => db.completions.request(this.claim));
    if (request === null) throw new LeaseLost();
    return this.#stored(() => callAgain(this.claim, request));
  }

  /** The end is told after it was stored: nobody sees an end that another attempt could take back. */
  async #finish(failure: unknown): Promise<void> {
    const { log, logger } = this.#deps;
    const outcome = await this.#storeEnd(this.#outcome(failure));
    await log.publish(this.#key.conversationId, {
      name: 'message:completed',
      payload: {
        conversation_id: this.#key.conversationId,
        message_id: this.#key.messageId,
        attempt: this.claim.attempt,
        seq: outcome.seq,
        bytes: Buffer.byteLength(outcome.content),
        sha256: outcome.sha256,
        status: outcome.error ? 'failed' : 'completed',
        finish_reason: null,
        usage: null,
        error: null,
      },
    });
    if (!this.#log.isWhole) await log.resync(this.#key.conversationId);
    await log.retire(this.#key);
    this.#span.result(outcome.error ? 'failed' : 'completed');
    const { id, attempt } = this.claim;
    logger.info(
      { completion: id, attempt, failure: outcome.error?.error.code },
      'completion ended',
    );
  }

  /** The store may refuse an end permanently: then it ends without a text. Resolves to what was stored. */
  async #storeEnd(outcome: CompletionOutcome): Promise<CompletionOutcome> {
    const { db, logger } = this.#deps;
    const store = async (end: CompletionOutcome) => {
      const finished = await this.#stored(() => db.completions.finish(this.claim, end));
      if (finished === 'fenced') throw new LeaseLost();
      return end;
    };
    return store(outcome).catch((err: unknown) => {
      const mayHeal = err instanceof AppError || err instanceof HandedBack;
      if (mayHeal || err instanceof LeaseLost) throw err;
      const completion = this.claim.id;
      logger.error({ completion, err }, 'end of a completion refused by the store');
      return store({ ...outcome, ...NOTHING, error: this.#deps.failureOf(err) });
    });
  }

  #outcome(failure: unknown): CompletionOutcome {
    const { text: content, sha256, seq } = this.#log;
    const error = failure === null ? null : this.#deps.failureOf(toProviderError(failure));
    return { seq, content, sha256, error, charge: this.#call?.charge ?? null };
  }

  #stillMine(): Promise<boolean> {
    return this.#stored(() => this.#deps.db.completions.holds(this.claim));
  }

  /** Waits for a store that is away, but not beyond the claim. */
  #stored<T>(work: () => Promise<T>): Promise<T> {
    return retryWhileUnavailable(work, this.#deps.logger, this.#leaving.signal);
  }

  async #giveUp(error: unknown): Promise<void> {
    const { db, notices, logger } = this.#deps;
    const { id: completion, attempt } = this.claim;
    if (error instanceof LeaseLost) {
      this.#span.result('lost');
      logger.warn({ completion, attempt }, 'lease of a completion lost, attempt dropped');
      return;
    }
    if (!(error instanceof HandedBack)) {
      this.#span.result('error');
      logger.error({ completion, attempt, err: error }, 'completion failed, its lease will expire');
      return;
    }
    this.#span.result('handed_back');
    await db.completions.handBack(this.claim).catch((err: unknown) => {
      logger.warn({ completion, attempt, err }, 'hand-back failed, its lease will expire');
    });
    await notices.send({ type: 'work' });
  }
}

const toProviderError = (failure: unknown): unknown =>
  failure instanceof AnswerTooLong
    ? new ProviderError('provider_error', 'The answer was too long.', { cause: failure })
    : failure;
