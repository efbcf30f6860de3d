import type { PromptContext } from '../../../contract/rest.js';
import type { Spoken } from '../../../contract/spoken.js';
import type { Claim, Outcome } from '../../../entities/entities.js';
import type { LiveLog, LogKey } from '../../../ports/live-log.js';
import type { NodeNotices } from '../../../ports/node-notices.js';
import type { Telling } from '../../../ports/repositories/generation-repository.js';
import type { Kept } from '../../../ports/repositories/message-repository.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import type { AttemptSpan, Tracing } from '../../../ports/tracing.js';
import { retryWhileUnavailable } from '../../retry.js';
import { tracedLogger } from '../../traced-logger.js';
import { HandedBack, LeaseLost, QuotaSpent, Stopped } from '../abort-reasons.js';
import { announceEnd } from '../announce-end.js';
import { AnswerLog } from '../answer-log.js';
import type { AnswerNews } from '../answer-news.js';
import { HeldClaim } from '../claims/held-claim.js';
import { markAttempt } from '../claims/mark-attempt.js';
import type { WaitingLine } from '../claims/waiting-line.js';
import { ModelPaused } from '../model/model-slot.js';
import { type Ending, finishReasonOf, judge, TriesUsedUp, wordsIn } from '../outcome.js';
import { DeltaFlusher } from './delta-flusher.js';
import type { FlushClock } from './flush-clock.js';
import { ModelCall, type ModelCallDeps } from './model-call.js';
import { storeEnd } from './store-end.js';
import { toldEvent } from './told-event.js';

export interface RunnerDeps extends ModelCallDeps {
  log: LiveLog;
  news: Pick<AnswerNews, 'tell'>;
  notices: NodeNotices;
  line: WaitingLine;
  clock: FlushClock;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'attempt' | 'model'>;
  /** Deletes a finished generation. */
  forget(generationId: number): Promise<void>;
  /** Called after the end of a completed answer. Must not throw. */
  completed(claim: Claim, text: string): void;
  /** Claims after which an unfinished answer is given up. */
  tries: number;
  /** Called when the outbox has got something. Must not throw. */
  told(): void;
  /** Whether the installation is told of every answer. */
  tellsInstallation: boolean;
}

/** Produces one answer for one claim, from the mark in the live log to its announcement. */
export class GenerationRunner {
  readonly held: HeldClaim<Claim>;
  #deps: RunnerDeps;
  #span: AttemptSpan;
  #waited: boolean;
  #begunAt = performance.now();
  #key: LogKey;
  #answer: AnswerLog;
  #flusher: DeltaFlusher;
  #call: ModelCall;
  #abort = new AbortController();
  /** Also ends steps that must not be given up while this node lives. */
  #leaving = new AbortController();

  /** `waited`: the claim was won after the send, so the user's quota may have been used up meanwhile. */
  constructor(deps: RunnerDeps, claim: Claim, waited: boolean) {
    this.#span = deps.tracing.attempt({ ...claim, kind: 'answer' });
    this.#deps = { ...deps, logger: tracedLogger(deps.logger, this.#span.ids) };
    this.held = new HeldClaim(claim);
    this.#waited = waited;
    this.#key = { conversationId: claim.conversationId, messageId: claim.messageId };
    this.#answer = new AnswerLog(deps.log, this.#key, claim, () => this.#stillMine());
    this.#flusher = new DeltaFlusher(this.#answer, {
      clock: deps.clock,
      onFailure: (reason) => this.abort(reason),
      onFirst: () => this.#firstText(),
    });
    this.#call = new ModelCall(
      this.#deps,
      () => this.claim,
      () => this.abort(new QuotaSpent()),
      this.#span.trace,
    );
  }

  get claim(): Claim {
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
      const kept = await this.#begin();
      const ending = await this.#produce(kept);
      await this.#span.ending(() => this.#finish(ending));
    } catch (error) {
      this.#flusher.discard();
      await this.#giveUp(error);
    } finally {
      recovered.close();
      this.#span.end();
    }
  }

  #firstText(): void {
    this.#deps.telemetry.firstText(this.#progress());
    this.#call.firstText();
  }

  /** Marks the attempt in the log. Returns what earlier attempts said if the answer will not be tried again. */
  async #begin(): Promise<Kept | null> {
    const { log, news } = this.#deps;
    const kept = this.#isOver() ? await this.#kept() : null;
    await this.#mark();
    await log.publish(this.#key.conversationId, {
      name: 'message:status',
      payload: {
        conversation_id: this.#key.conversationId,
        message_id: this.#key.messageId,
        status: 'streaming',
        attempt: this.claim.attempt,
      },
    });
    // If the answer began with its question, the lists already know.
    if (this.#waited) await news.tell(this.#key.conversationId);
    return kept;
  }

  /** An answer that was to be continued may have lost its log by now; its text is then stored. */
  async #kept(): Promise<Kept> {
    const { db, log } = this.#deps;
    const inLog = await log.longest(this.#key);
    const stored = await this.#stored(() => db.messages.kept(this.#key.messageId));
    const more =
      inLog.text.length - stored.text.length || inLog.reasoning.length - stored.reasoning.length;
    return more > 0 ? { ...inLog, ms: null } : stored;
  }

  #mark(): Promise<void> {
    const { db, log } = this.#deps;
    return markAttempt({
      ...{ log, key: this.#key, answer: this.#answer, held: this.held },
      raise: (claim, above) => this.#stored(() => db.generations.raise(claim, above)),
    });
  }

  /** The answer would be given up if it went back to the queue. */
  get #isLastTry(): boolean {
    return this.claim.tries >= this.#deps.tries;
  }

  /** The reason why this claim only ends the answer; null if it runs. */
  #isOver(): Error | null {
    if (this.claim.stopRequested) return new Stopped();
    return this.claim.tries > this.#deps.tries ? new TriesUsedUp() : null;
  }

  async #produce(kept: Kept | null): Promise<Ending> {
    const over = this.#isOver();
    const ending = over ? { failure: over, end: null } : await this.#stream();
    const { failure } = ending;
    if (failure instanceof LeaseLost || goesBack(failure)) throw failure;
    this.#call.reasoned.text();
    if (kept?.ms) this.#call.reasoned.add(kept.ms);
    await this.#flusher.end(kept ?? undefined);
    return ending;
  }

  /** An attempt that has begun was paid for, so only first attempts are refused for want of quota. */
  async #stream(): Promise<Ending> {
    const { signal } = this.#abort;
    const needsQuota = this.#waited && this.claim.attempt === 1;
    const options = { needsQuota, patient: this.#isLastTry };
    try {
      return { failure: null, end: await this.#call.stream(this.#flusher, signal, options) };
    } catch (error) {
      const failure: unknown = signal.aborted ? signal.reason : error;
      this.#logEarlyEnd(failure);
      return { failure, end: null };
    }
  }

  #logEarlyEnd(failure: unknown): void {
    const { logger } = this.#deps;
    const { messageId } = this.#key;
    // A person pressed Stop: that is no failure.
    if (failure instanceof Stopped) logger.info({ messageId }, 'answer stopped');
    else logger.warn({ err: failure, messageId }, 'model stream ended early');
  }

  async #finish(ending: Ending): Promise<void> {
    const { db, log, news, logger, telemetry } = this.#deps;
    const { signal } = this.#leaving;
    await this.#call.recall(signal);
    const context = await this.#call.context();
    const { finished, stored: outcome } = await storeEnd(this.#outcome(ending, context), {
      finish: (end) => db.generations.finish(this.claim, end, this.#telling(end), wordsIn(ending)),
      logger,
      signal,
    });
    if (finished === 'fenced') throw new LeaseLost();
    if (finished === 'told') this.#deps.told();
    const { status, usage } = outcome;
    telemetry.answerEnded({ ...this.#progress(), status, usage });
    this.#span.result(status);
    const forget = () => this.#stored(() => this.#deps.forget(this.claim.generationId));
    const { isWhole } = this.#answer;
    await announceEnd({ log, news }, this.#key, outcome, { isWhole, retire: true, forget });
    if (status === 'completed') this.#deps.completed(this.claim, outcome.content);
    logger.info({ ...this.#key, ...outcome.cursor, status }, 'answer ended');
  }

  #outcome(ending: Ending, context: PromptContext | null): Outcome {
    const { text, reasoning } = this.#answer;
    const said: Spoken = { text, reasoning };
    const { status, error } = judge(ending, text !== '');
    return {
      ...this.#call.outcome(ending.end, status === 'failed' ? null : said),
      status,
      content: text,
      sha256: this.#answer.sha256,
      context,
      reasoning: reasoning || null,
      reasoningMs: reasoning ? this.#call.reasoned.ms : null,
      cursor: { attempt: this.claim.attempt, seq: this.#answer.seq },
      finishReason: finishReasonOf(ending),
      error,
    };
  }

  #telling(outcome: Outcome): Telling {
    return { event: toldEvent(outcome), installation: this.#deps.tellsInstallation };
  }

  #progress() {
    return { attempt: this.claim.attempt, ms: performance.now() - this.#begunAt };
  }

  #stillMine(): Promise<boolean> {
    return this.#stored(() => this.#deps.db.generations.holds(this.claim));
  }

  /** Waits for a store that is away, but not beyond the claim. */
  #stored<T>(work: () => Promise<T>): Promise<T> {
    return retryWhileUnavailable(work, this.#deps.logger, this.#leaving.signal);
  }

  async #giveUp(error: unknown): Promise<void> {
    const { logger, telemetry } = this.#deps;
    if (goesBack(error)) return this.#handBack(error instanceof ModelPaused && error.refused);
    const fields = { ...this.#key, attempt: this.claim.attempt };
    if (!(error instanceof LeaseLost)) {
      logger.error({ ...fields, err: error }, 'attempt failed, its lease will expire');
      return this.#span.result('error');
    }
    telemetry.attemptLost(this.#progress());
    this.#span.result('lost');
    logger.warn(fields, 'lease lost, attempt dropped');
  }

  /** Other nodes may take the answer at once, and its readers see that it waits again. */
  async #handBack(counts: boolean): Promise<void> {
    const { db, news, notices, line, logger, telemetry } = this.#deps;
    telemetry.attemptHandedBack(this.#progress());
    this.#span.result('handed_back');
    try {
      await db.generations.handBack(this.claim, counts ? 1 : 0);
      await line.announce(this.#key, this.claim.attempt);
    } catch (error) {
      logger.warn({ ...this.#key, err: error }, 'hand-back failed, its lease will expire');
    }
    await news.tell(this.#key.conversationId);
    await notices.send({ type: 'work' });
  }
}

/** Back to the queue: the node drains, or the model is paused and others may use the place meanwhile. */
const goesBack = (error: unknown): boolean =>
  error instanceof HandedBack || error instanceof ModelPaused;
