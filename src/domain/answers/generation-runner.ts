import type { PromptContext } from '../../contract/rest.js';
import type { Claim, Outcome } from '../../model/entities.js';
import type {
  CompletionRequest,
  Hears,
  TokenCounts,
  Tokenizer,
} from '../../ports/completion-provider.js';
import type { LiveLog, LogKey } from '../../ports/live-log.js';
import type { Kept } from '../../ports/message-repository.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { requireQuota } from '../limits/quota.js';
import type { Logger } from '../logger.js';
import { retryWhileUnavailable } from '../retry.js';
import { HandedBack, LeaseLost, QuotaSpent, Stopped } from './abort-reasons.js';
import { announceEnd } from './announce-end.js';
import { AnswerLog } from './answer-log.js';
import { costOf } from './cost.js';
import { DeltaFlusher } from './delta-flusher.js';
import type { FlushClock } from './flush-clock.js';
import type { ModelCatalog } from './model-catalog.js';
import {
  type ClaimedRequest,
  contextOf,
  estimatePromptTokens,
  estimateUsage,
  type ModelDefaults,
  type RequestWish,
  requestFor,
} from './model-request.js';
import { ModelPaused } from './model-slot.js';
import { type Ending, finishReasonOf, judge, TriesUsedUp } from './outcome.js';
import type { AnswerSource } from './paced-provider.js';
import { ReasoningTime } from './reasoning-time.js';
import { storeEnd } from './store-end.js';
import { TokenBudget } from './token-budget.js';
import type { WaitingLine } from './waiting-line.js';

export interface RunnerDeps {
  db: Database;
  log: LiveLog;
  notices: NodeNotices;
  line: WaitingLine;
  provider: AnswerSource;
  tokenizer: Tokenizer;
  clock: FlushClock;
  logger: Logger;
  telemetry: Telemetry;
  defaults: ModelDefaults;
  models: Pick<ModelCatalog, 'priceOf'>;
  /** Deletes a finished generation. */
  forget(generationId: number): Promise<void>;
  /** Called after the end of a completed answer. Must not throw. */
  completed(claim: Claim, text: string): void;
  /** Claims after which an unfinished answer is given up. */
  tries: number;
}

/** Produces one answer for one claim, from the mark in the live log to its announcement. */
export class GenerationRunner {
  #claim: Claim;
  #deps: RunnerDeps;
  #waited: boolean;
  #begunAt = performance.now();
  #key: LogKey;
  #answer: AnswerLog;
  #flusher: DeltaFlusher;
  #reasoned = new ReasoningTime();
  /** Null: the user has no limit, or the model was not asked yet. */
  #budget: TokenBudget | null = null;
  #claimed: ClaimedRequest | null = null;
  /** The model that answers, if it is not the one that was asked. */
  #model: string | null = null;
  #abort = new AbortController();
  /** Also ends steps that must not be given up while this node lives. */
  #leaving = new AbortController();

  /** `waited`: the claim was won after the send, so the user's quota may have been used up meanwhile. */
  constructor(deps: RunnerDeps, claim: Claim, waited: boolean) {
    this.#deps = deps;
    this.#claim = claim;
    this.#waited = waited;
    this.#key = { conversationId: claim.conversationId, messageId: claim.messageId };
    this.#answer = new AnswerLog(deps.log, this.#key, claim, () => this.#stillMine());
    this.#flusher = new DeltaFlusher(
      this.#answer,
      deps.clock,
      (reason) => this.abort(reason),
      () => deps.telemetry.firstText(this.#progress()),
    );
  }

  get claim(): Claim {
    return this.#claim;
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
      await this.#finish(ending);
    } catch (error) {
      this.#flusher.discard();
      await this.#giveUp(error);
    } finally {
      recovered.close();
    }
  }

  /** Marks the attempt in the log. Returns what earlier attempts said if the answer will not be tried again. */
  async #begin(): Promise<Kept | null> {
    const { log } = this.#deps;
    const kept = this.#isOver() ? await this.#kept() : null;
    await this.#mark();
    await log.publish(this.#key.conversationId, {
      name: 'message:status',
      payload: {
        conversation_id: this.#key.conversationId,
        message_id: this.#key.messageId,
        status: 'streaming',
        attempt: this.#claim.attempt,
      },
    });
    return kept;
  }

  /** An answer that was to be continued may have lost its log by now; its text is then stored. */
  async #kept(): Promise<Kept> {
    const { db, log, logger } = this.#deps;
    const inLog = await log.longest(this.#key);
    const read = () => db.messages.kept(this.#key.messageId);
    const stored = await retryWhileUnavailable(read, logger, this.#leaving.signal);
    const more =
      inLog.text.length - stored.text.length || inLog.reasoning.length - stored.reasoning.length;
    return more > 0 ? { ...inLog, ms: null } : stored;
  }

  /**
   * If the log already has this attempt or a higher one, Postgres decides: the data may have gone back and lost a
   * claim.
   */
  async #mark(): Promise<void> {
    try {
      await this.#answer.begin();
    } catch (error) {
      if (!(error instanceof LeaseLost) || !(await this.#raise())) throw error;
      await this.#mark();
    }
  }

  /** False: the claim is no longer held. */
  async #raise(): Promise<boolean> {
    const { db, log, logger } = this.#deps;
    const found = await log.read(this.#key, { attempt: 0, seq: 0 });
    const raise = () => db.generations.raise(this.#claim, found?.attempt ?? 0);
    const raised = await retryWhileUnavailable(raise, logger, this.#leaving.signal);
    if (!raised) return false;
    this.#claim = raised;
    this.#answer.renumber(raised);
    return true;
  }

  /** The answer would be given up if it went back to the queue. */
  get #isLastTry(): boolean {
    return this.#claim.tries >= this.#deps.tries;
  }

  /** The reason why this claim only ends the answer; null if it runs. */
  #isOver(): Error | null {
    if (this.#claim.stopRequested) return new Stopped();
    return this.#claim.tries > this.#deps.tries ? new TriesUsedUp() : null;
  }

  async #produce(kept: Kept | null): Promise<Ending> {
    const over = this.#isOver();
    const ending = over ? { failure: over, end: null } : await this.#stream();
    const { failure } = ending;
    if (failure instanceof LeaseLost || goesBack(failure)) throw failure;
    this.#reasoned.text();
    if (kept?.ms) this.#reasoned.add(kept.ms);
    await this.#flusher.end(kept ?? undefined);
    return ending;
  }

  async #stream(): Promise<Ending> {
    const { provider, logger } = this.#deps;
    const { signal } = this.#abort;
    try {
      this.#claimed = await retryWhileUnavailable(() => this.#prepare(), logger, signal);
      const { request, kept } = this.#claimed;
      this.#budget = await this.#budgetFor(request);
      if (kept.ms) this.#reasoned.add(kept.ms);
      this.#flusher.goOn(kept);
      const end = await provider.stream(
        { ...request, as: (model) => this.#requestAs(model) },
        this.#onText,
        signal,
        this.#isLastTry,
        this.#hears,
      );
      return { failure: null, end };
    } catch (error) {
      const failure: unknown = signal.aborted ? signal.reason : error;
      const { messageId } = this.#key;
      // Somebody pressed Stop: that is no failure.
      if (failure instanceof Stopped) logger.info({ messageId }, 'answer stopped');
      else logger.warn({ err: failure, messageId }, 'model stream ended early');
      return { failure, end: null };
    }
  }

  /** From then on, what the prompt holds and costs is that of the other model. */
  async #requestAs(model: string): Promise<CompletionRequest> {
    const { logger } = this.#deps;
    const prepare = () => this.#request({ model });
    this.#claimed = await retryWhileUnavailable(prepare, logger, this.#abort.signal);
    return this.#claimed.request;
  }

  #request(wish: RequestWish = {}): Promise<ClaimedRequest> {
    const { db, defaults, tokenizer } = this.#deps;
    return requestFor(db, this.#claim, defaults, tokenizer, wish);
  }

  readonly #onText = (text: string): void => {
    this.#reasoned.text();
    this.#flusher.push(text);
    this.#budget?.heard(text);
  };

  readonly #hears: Hears = {
    model: (id) => {
      this.#model = id === this.#claimed?.asked ? null : id;
    },
    reasoning: (text) => {
      this.#reasoned.reasoning();
      this.#flusher.pushReasoning(text);
      this.#budget?.heard(text);
    },
  };

  /** An attempt that has begun was paid for, so only first attempts are refused. */
  async #prepare(): Promise<ClaimedRequest> {
    if (this.#waited && this.#claim.attempt === 1) {
      const usage = await this.#deps.db.usage.of(this.#claim.userId);
      if (usage) requireQuota(usage);
    }
    return this.#request();
  }

  /** Reserves what the request needs beyond its estimate. */
  async #budgetFor(request: CompletionRequest): Promise<TokenBudget | null> {
    const { db, tokenizer, logger } = this.#deps;
    const { reserved } = this.#claim;
    if (reserved === null) return null;
    const budget = new TokenBudget({
      reserved,
      count: (text) => tokenizer.count(text),
      reserveMore: async (tokens) => {
        const now = await db.generations.reserveMore(this.#claim, tokens);
        if (now === null) throw new LeaseLost();
        return now;
      },
      onSpent: () => this.abort(new QuotaSpent()),
      onFailure: (err) => logger.warn({ ...this.#key, err }, 'an answer could not reserve more'),
    });
    await budget.begin(estimatePromptTokens(request, tokenizer), request.maxTokens);
    return budget;
  }

  async #finish(ending: Ending): Promise<void> {
    const { db, log, logger, telemetry } = this.#deps;
    await this.#recallRequest();
    const { signal } = this.#leaving;
    const context = await this.#context();
    const { finished, stored: outcome } = await storeEnd(this.#outcome(ending, context), {
      finish: (end) => db.generations.finish(this.#claim, end),
      logger,
      signal,
    });
    if (finished === 'fenced') throw new LeaseLost();
    const { status, usage } = outcome;
    telemetry.answerEnded({ ...this.#progress(), status, usage });
    const remove = () => this.#deps.forget(this.#claim.generationId);
    const forget = () => retryWhileUnavailable(remove, logger, signal);
    await announceEnd(log, this.#key, outcome, { retire: true, forget });
    if (status === 'completed') this.#deps.completed(this.#claim, outcome.content);
    logger.info({ ...this.#key, ...outcome.cursor, status }, 'answer ended');
  }

  /**
   * Earlier attempts have asked the model, so an answer that only has to end costs what they used, if that can be
   * read.
   */
  async #recallRequest(): Promise<void> {
    const { logger } = this.#deps;
    if (this.#claimed || this.claim.attempt === 1) return;
    const { signal } = this.#leaving;
    const prepare = () => this.#request();
    this.#claimed = await retryWhileUnavailable(prepare, logger, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      logger.warn({ ...this.#key, err: error }, 'tokens of earlier attempts not counted');
      return null;
    });
  }

  /** Null also if Postgres does not reply: the end of an answer does not wait for this. */
  async #context(): Promise<PromptContext | null> {
    if (!this.#claimed) return null;
    const { db, logger } = this.#deps;
    return contextOf(db, this.#claimed.context).catch((err: unknown) => {
      logger.warn({ ...this.#key, err }, 'what a prompt left out was not counted');
      return null;
    });
  }

  #outcome(ending: Ending, context: PromptContext | null): Outcome {
    const { text: content, reasoning } = this.#answer;
    const { status, error } = judge(ending, content !== '');
    const counted = status === 'failed' ? null : this.#estimate(content, reasoning);
    const usage = ending.end?.usage ?? counted;
    const price = this.#price();
    return {
      status,
      content,
      sha256: this.#answer.sha256,
      vendor: ending.end?.vendor ?? null,
      model: this.#model,
      context,
      reasoning: reasoning || null,
      reasoningMs: reasoning ? this.#reasoned.ms : null,
      cursor: { attempt: this.#claim.attempt, seq: this.#answer.seq },
      finishReason: finishReasonOf(ending),
      usage: usage && { ...usage, cost: costOf(usage, price) },
      currency: price?.currency ?? null,
      error,
    };
  }

  /** The price of the model that answered. */
  #price() {
    return this.#deps.models.priceOf(this.#model ?? this.#claimed?.asked ?? null);
  }

  #progress() {
    return { attempt: this.#claim.attempt, ms: performance.now() - this.#begunAt };
  }

  /** Excludes the text of an earlier attempt, which was counted then. */
  #estimate(content: string, reasoning: string): TokenCounts | null {
    if (!this.#claimed) return null;
    const { request, kept } = this.#claimed;
    const said = {
      text: content.slice(kept.text.length),
      reasoning: reasoning.slice(kept.reasoning.length),
    };
    return estimateUsage(request, said, this.#deps.tokenizer);
  }

  async #stillMine(): Promise<boolean> {
    const { db, logger } = this.#deps;
    const holds = () => db.generations.holds(this.#claim);
    return retryWhileUnavailable(holds, logger, this.#leaving.signal);
  }

  async #giveUp(error: unknown): Promise<void> {
    const { logger, telemetry } = this.#deps;
    if (goesBack(error)) return this.#handBack(error instanceof ModelPaused && error.refused);
    const fields = { ...this.#key, attempt: this.#claim.attempt };
    if (!(error instanceof LeaseLost)) {
      logger.error({ ...fields, err: error }, 'attempt failed, its lease will expire');
      return;
    }
    telemetry.attemptLost(this.#progress());
    logger.warn(fields, 'lease lost, attempt dropped');
  }

  /** Other nodes may take the answer at once, and its readers see that it waits again. */
  async #handBack(counts: boolean): Promise<void> {
    const { db, notices, line, logger, telemetry } = this.#deps;
    telemetry.attemptHandedBack(this.#progress());
    try {
      await db.generations.handBack(this.#claim, counts ? 1 : 0);
      await line.announce(this.#key, this.#claim.attempt);
    } catch (error) {
      logger.warn({ ...this.#key, err: error }, 'hand-back failed, its lease will expire');
    }
    await notices.send({ type: 'work' });
  }
}

/** Back to the queue: the node drains, or the model is paused and others may use the place meanwhile. */
const goesBack = (error: unknown): boolean =>
  error instanceof HandedBack || error instanceof ModelPaused;
