import type { Charge } from '../../entities/entities.js';
import { ProviderError, type TokenCounts } from '../../ports/completion-provider.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { CompletionStatus, Telemetry } from '../../ports/telemetry.js';
import type { ModelSpan, Tracing } from '../../ports/tracing.js';
import { costOf } from '../answers/model/cost.js';
import type { ModelCatalog } from '../answers/model/model-catalog.js';
import type { RawHears, RawSource } from '../answers/model/paced-provider.js';
import { countedUsage, promptTokensOf, SaidTokens, unescaped } from '../answers/model/raw-text.js';
import { toldTo, tracedModel } from '../answers/model/traced-model.js';
import type { Estimate } from '../limits/estimate.js';
import type { Asker } from '../rights/held-right.js';
import { Allowance, type AllowanceDeps } from './allowance.js';
import type { ReservationKeeper } from './reservation-keeper.js';

export interface CompletionDeps extends AllowanceDeps {
  provider: RawSource;
  models: Pick<ModelCatalog, 'priceOf' | 'providerOf'>;
  telemetry: Pick<Telemetry, 'completionEnded'>;
  tracing: Pick<Tracing, 'model'>;
}

export interface CompletionAsk {
  asker: Pick<Asker, 'userId' | 'trace'>;
  request: RawRequest;
  /** Called after every wait and before the model. @throws if the user has lost the right meanwhile */
  admit(): Promise<void>;
}

export interface Completed {
  /** The usage that the server counted, or that was estimated here. */
  usage: TokenCounts;
  finishReason: string;
}

/** Completions for programs: metered like any answer, and stored nowhere. */
export class CompletionService {
  readonly #deps: CompletionDeps;
  readonly #keeper: Pick<ReservationKeeper, 'hold'>;

  constructor(deps: CompletionDeps, keeper: Pick<ReservationKeeper, 'hold'>) {
    this.#deps = deps;
    this.#keeper = keeper;
  }

  /**
   * `onChunk` as in `RawCompletions.complete`. The user pays for the prompt and for what the model said, however the
   * call ends. A call that failed before that costs nothing.
   * @throws AppError `quota_exceeded`, also in the middle of a stream, `unavailable` if it was counted because its node
   * was not heard of for long; ProviderError; the reason of `signal`; any error of `admit`
   */
  async run(
    { asker: { userId, trace = null }, request, admit }: CompletionAsk,
    onChunk: (json: string) => void,
    signal: AbortSignal,
  ): Promise<Completed> {
    const allowance = await Allowance.open(this.#deps, userId, request);
    const lost = new AbortController();
    const held = this.#keeper.hold({
      reservation: allowance.reservation,
      charge: () => call.chargeIfLost(allowance.estimate),
      lose: (reason) => lost.abort(reason),
    });
    const call = new MeteredCall(this.#deps, request, () => held.keep());
    try {
      await admit();
      return await call.run(onChunk, AbortSignal.any([signal, lost.signal]), allowance, trace);
    } finally {
      held.end();
      await allowance.settle(call.charge);
    }
  }
}

/** One completion, and what it costs. */
export class MeteredCall {
  readonly #deps: CompletionDeps;
  readonly #request: RawRequest;
  readonly #onSent: () => void;
  readonly #said: SaidTokens;
  #model: string;
  #isSent = false;
  #isBegun = false;
  /** The call failed at the server before its answer began. */
  #isFree = false;
  #usage: TokenCounts | null = null;

  /** `onSent` is called whenever the model is asked, also for a retry. */
  constructor(deps: CompletionDeps, request: RawRequest, onSent: () => void = () => {}) {
    this.#deps = deps;
    this.#request = request;
    this.#onSent = onSent;
    this.#model = request.model;
    this.#said = new SaidTokens(deps.tokenizer);
  }

  /** Runs the call, and reports once how it ended. */
  async run(
    onChunk: (json: string) => void,
    caller: AbortSignal,
    allowance: Allowance,
    trace: string | null,
  ): Promise<Completed> {
    let status: CompletionStatus = 'failed';
    try {
      const completed = await this.#run(onChunk, caller, allowance, trace);
      status = 'completed';
      return completed;
    } catch (error) {
      if (caller.aborted) status = 'cancelled';
      throw error;
    } finally {
      this.#deps.telemetry.completionEnded({ status, usage: this.#used });
    }
  }

  async #run(
    onChunk: (json: string) => void,
    caller: AbortSignal,
    allowance: Allowance,
    trace: string | null,
  ): Promise<Completed> {
    const spent = new AbortController();
    const signal = AbortSignal.any([caller, spent.signal]);
    const heard = await allowance.watch((reason) => spent.abort(reason));
    const { model } = this.#request;
    try {
      const end = await tracedModel(this.#deps, trace, { model, signal }, (span) => {
        const listen = (json: string) => {
          if (!this.#isBegun) this.#begin(span);
          const said = this.#said.hear(json);
          onChunk(json);
          heard?.(unescaped(said));
        };
        return this.#deps.provider.complete(this.#request, listen, {
          signal,
          patient: true,
          hears: this.#hears(span),
        });
      });
      this.#usage = end.usage ?? this.#counted();
      if (end.finishReason === null) throw brokenOff();
      return { usage: this.#usage, finishReason: end.finishReason };
    } catch (error) {
      this.#isFree = !this.#isBegun && error instanceof ProviderError;
      throw error;
    }
  }

  #begin(span: ModelSpan): void {
    span.firstText();
    this.#isBegun = true;
  }

  #hears(span: ModelSpan): RawHears {
    const { sent, trace } = toldTo(span);
    return {
      trace,
      model: (id) => {
        span.asks(id);
        this.#model = id;
      },
      sent: () => {
        sent();
        this.#isSent = true;
        this.#onSent();
      },
    };
  }

  /** Null: nothing. */
  get charge(): Charge | null {
    return this.#used && this.#chargeOf(this.#used);
  }

  /**
   * The charge that counts if this call is not heard of again: what it holds, or what it is known to have used if that
   * is more. Null: nothing, because the model has not been asked. The prompt is not counted exactly, because this is
   * asked while the call runs.
   */
  chargeIfLost({ prompt, tokens }: Estimate): Charge | null {
    if (!this.#isSent) return null;
    const most = Math.max(tokens, prompt + this.#said.tokens);
    return this.#chargeOf(countedUsage(prompt, most - prompt));
  }

  #chargeOf(usage: TokenCounts): Charge {
    const price = this.#deps.models.priceOf(this.#model);
    const cost = costOf(usage, price);
    const currency = price?.currency ?? null;
    return { model: this.#model, tokens: usage.total_tokens, cost, currency };
  }

  /** Null: nothing. Counted once, because counting takes time. */
  get #used(): TokenCounts | null {
    if (!this.#isSent || this.#isFree) return null;
    this.#usage ??= this.#counted();
    return this.#usage;
  }

  #counted(): TokenCounts {
    const prompt = promptTokensOf(this.#request.body, this.#deps.tokenizer);
    return countedUsage(prompt, this.#said.tokens);
  }
}

const brokenOff = () =>
  new ProviderError('provider_error', 'The model broke off without finishing.');
