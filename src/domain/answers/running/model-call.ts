import type { PromptContext } from '../../../contract/rest.js';
import type { Spoken } from '../../../contract/spoken.js';
import type { Claim, Outcome } from '../../../entities/entities.js';
import type {
  CompletionEnd,
  CompletionRequest,
  Hears,
  TokenCounts,
} from '../../../ports/completion-provider.js';
import type { RawEnd } from '../../../ports/raw-completions.js';
import type { Database } from '../../../ports/repositories/repositories.js';
import type { Tokenizer } from '../../../ports/tokenizer.js';
import type { ModelSpan, Tracing } from '../../../ports/tracing.js';
import { requireQuota } from '../../limits/quota.js';
import type { Logger } from '../../logger.js';
import { retryWhileUnavailable } from '../../retry.js';
import { LeaseLost } from '../abort-reasons.js';
import { costOf } from '../model/cost.js';
import type { GivenRequest, GivenRequests } from '../model/given-requests.js';
import type { ModelCatalog } from '../model/model-catalog.js';
import {
  type ClaimedRequest,
  contextOf,
  estimatePromptTokens,
  estimateUsage,
  type ModelDefaults,
  type RequestWish,
  requestFor,
} from '../model/model-request.js';
import type { AnswerSource } from '../model/paced-provider.js';
import { countedUsage, SaidTokens } from '../model/raw-text.js';
import { toldTo, tracedModel } from '../model/traced-model.js';
import type { DeltaFlusher } from './delta-flusher.js';
import { ReasoningTime } from './reasoning-time.js';
import { TokenBudget } from './token-budget.js';

export interface ModelCallDeps {
  db: Database;
  provider: AnswerSource;
  tokenizer: Tokenizer;
  defaults: ModelDefaults;
  models: Pick<ModelCatalog, 'priceOf' | 'providerOf'>;
  /** Every answer asks what its conversation says if this is missing. */
  given?: Pick<GivenRequests, 'take'>;
  logger: Logger;
  tracing: Pick<Tracing, 'model'>;
}

export interface CallOptions {
  /** Whether a user without quota is refused. */
  needsQuota: boolean;
  /** Waits out any pause of the model. */
  patient: boolean;
}

/** The part of an outcome that the model decides. */
type ModelPart = Pick<Outcome, 'vendor' | 'model' | 'usage' | 'currency'>;

/** The calls of a model for one answer: the request, the model that answers, and the cost. */
export class ModelCall {
  /** How long the model reasons. */
  readonly reasoned = new ReasoningTime();
  readonly #deps: ModelCallDeps;
  readonly #claim: () => Claim;
  readonly #onSpent: () => void;
  readonly #trace: string | null;
  #claimed: ClaimedRequest | null = null;
  #given: { request: GivenRequest; said: SaidTokens } | null = null;
  /** The model that answers, if it is not the one that was asked. */
  #model: string | null = null;
  #span: ModelSpan | null = null;

  /**
   * `claim` may get another attempt before the model is asked. `onSpent`: the answer has passed its quota. `trace`: the
   * span above the call.
   */
  constructor(deps: ModelCallDeps, claim: () => Claim, onSpent: () => void, trace: string | null) {
    this.#deps = deps;
    this.#claim = claim;
    this.#onSpent = onSpent;
    this.#trace = trace;
  }

  /** Streams the answer into `flusher`, behind the text that it continues. @throws as `AnswerSource.stream` does */
  async stream(
    flusher: DeltaFlusher,
    signal: AbortSignal,
    { needsQuota, patient }: CallOptions,
  ): Promise<CompletionEnd> {
    const { provider, logger } = this.#deps;
    const given = this.#deps.given?.take(this.#claim().messageId);
    if (given) return this.#streamGiven(given, flusher, signal);
    const prepare = async () => {
      if (needsQuota) await this.#requireQuota();
      return this.#request();
    };
    this.#claimed = await retryWhileUnavailable(prepare, logger, signal);
    const { request, kept } = this.#claimed;
    const prompt = estimatePromptTokens(request, this.#deps.tokenizer);
    const budget = await this.#budgetFor(prompt, request.maxTokens);
    if (kept.ms) this.reasoned.add(kept.ms);
    flusher.goOn(kept);
    const onText = (text: string): void => {
      this.reasoned.text();
      flusher.push(text);
      budget?.heard(text);
    };
    const asked = { ...request, as: (model: string) => this.#requestAs(model, signal) };
    return this.#traced(request.model, signal, () =>
      provider.stream(asked, onText, { signal, patient, hears: this.#hears(flusher, budget) }),
    );
  }

  /** Asks what a program has given instead. */
  async #streamGiven(
    request: GivenRequest,
    flusher: DeltaFlusher,
    signal: AbortSignal,
  ): Promise<CompletionEnd> {
    const said = new SaidTokens(this.#deps.tokenizer);
    this.#given = { request, said };
    const reserved = await this.#budgetFor(request.promptTokens, request.maxTokens);
    const budget = request.isWhole ? null : reserved;
    return this.#traced(request.model, signal, () => {
      const { reasoning, ...hears } = this.#hears(flusher, budget);
      const text = (piece: string): void => {
        this.reasoned.text();
        flusher.push(piece);
        budget?.heard(piece);
      };
      const pieces = { text, reasoning: (piece: string) => reasoning?.(piece) };
      const listen = (json: string) => void said.hear(json);
      return request.complete(listen, pieces, signal, hears);
    });
  }

  /** The answer has its first text. */
  firstText(): void {
    this.#span?.firstText();
  }

  #traced<E extends CompletionEnd | RawEnd>(
    model: string,
    signal: AbortSignal,
    ask: () => Promise<E>,
  ): Promise<E> {
    return tracedModel(this.#deps, this.#trace, { model, signal }, (span) => {
      this.#span = span;
      return ask();
    });
  }

  /**
   * Earlier attempts have asked the model. So an answer that only has to end costs what they used, if that can be read.
   */
  async recall(signal: AbortSignal): Promise<void> {
    const { logger } = this.#deps;
    const { attempt, conversationId, messageId } = this.#claim();
    if (this.#claimed || attempt === 1) return;
    const prepare = () => this.#request();
    this.#claimed = await retryWhileUnavailable(prepare, logger, signal).catch((err: unknown) => {
      signal.throwIfAborted();
      logger.warn({ conversationId, messageId, err }, 'tokens of earlier attempts not counted');
      return null;
    });
  }

  /** Null also if Postgres does not reply: the end of an answer does not wait for this. */
  async context(): Promise<PromptContext | null> {
    if (!this.#claimed) return null;
    const { db, logger } = this.#deps;
    return contextOf(db, this.#claimed.context).catch((err: unknown) => {
      const { conversationId, messageId } = this.#claim();
      logger.warn({ conversationId, messageId, err }, 'what a prompt left out was not counted');
      return null;
    });
  }

  /** `said`: the whole answer; null if it failed, and costs only what the model server counted. */
  outcome(end: CompletionEnd | null, said: Spoken | null): ModelPart {
    const usage = end?.usage ?? (said && this.#estimate(said));
    const price = this.#price();
    return {
      vendor: end?.vendor ?? null,
      model: this.#model,
      usage: usage && { ...usage, cost: costOf(usage, price) },
      currency: price?.currency ?? null,
    };
  }

  async #requireQuota(): Promise<void> {
    const usage = await this.#deps.db.usage.of(this.#claim().userId);
    if (usage) requireQuota(usage);
  }

  /** Reserves what the request needs beyond its estimate. Null: the user has no limit. */
  async #budgetFor(prompt: number, maxTokens: number | null): Promise<TokenBudget | null> {
    const { db, tokenizer, logger } = this.#deps;
    const { reserved, conversationId, messageId } = this.#claim();
    if (reserved === null) return null;
    const key = { conversationId, messageId };
    const budget = new TokenBudget({
      reserved,
      count: (text) => tokenizer.count(text),
      reserveMore: async (tokens) => {
        const now = await db.generations.reserveMore(this.#claim(), tokens);
        if (now === null) throw new LeaseLost();
        return now;
      },
      onSpent: this.#onSpent,
      onFailure: (err) => logger.warn({ ...key, err }, 'an answer could not reserve more'),
    });
    await budget.begin(prompt, maxTokens);
    return budget;
  }

  /** From here on the prompt's size and the costs are those of the other model. */
  async #requestAs(model: string, signal: AbortSignal): Promise<CompletionRequest> {
    const prepare = () => this.#request({ model });
    this.#claimed = await retryWhileUnavailable(prepare, this.#deps.logger, signal);
    return this.#claimed.request;
  }

  #request(wish: RequestWish = {}): Promise<ClaimedRequest> {
    const { db, defaults, tokenizer } = this.#deps;
    return requestFor(db, this.#claim(), defaults, tokenizer, wish);
  }

  #hears(flusher: DeltaFlusher, budget: TokenBudget | null): Hears {
    const span = this.#span;
    return {
      ...(span && toldTo(span)),
      model: (id) => {
        span?.asks(id);
        this.#model = id === this.#asked ? null : id;
      },
      reasoning: (text) => {
        this.reasoned.reasoning();
        flusher.pushReasoning(text);
        budget?.heard(text);
      },
    };
  }

  /** The price of the model that answered. */
  #price() {
    return this.#deps.models.priceOf(this.#model ?? this.#asked);
  }

  get #asked(): string | null {
    return this.#given?.request.model ?? this.#claimed?.asked ?? null;
  }

  /** Excludes the text of an earlier attempt, which was counted then. */
  #estimate({ text, reasoning }: Spoken): TokenCounts | null {
    if (this.#given) {
      return countedUsage(this.#given.request.promptTokens, this.#given.said.tokens);
    }
    if (!this.#claimed) return null;
    const { request, kept } = this.#claimed;
    const said = {
      text: text.slice(kept.text.length),
      reasoning: reasoning.slice(kept.reasoning.length),
    };
    return estimateUsage(request, said, this.#deps.tokenizer);
  }
}
