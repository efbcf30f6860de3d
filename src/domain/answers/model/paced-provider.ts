import {
  type CompletionEnd,
  type CompletionProvider,
  type CompletionRequest,
  type Hears,
  type OfferedModel,
  ProviderError,
  type RequestGate,
  type TokenCounts,
} from '../../../ports/completion-provider.js';
import type { ModelPace, PaceLimits } from '../../../ports/model-pace.js';
import type { RawCompletions, RawEnd, RawRequest } from '../../../ports/raw-completions.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import type { Tokenizer } from '../../../ports/tokenizer.js';
import type { Logger } from '../../logger.js';
import {
  ASSUMED_ANSWER_TOKENS,
  estimatePromptTokens,
  expectedAnswerTokens,
} from './model-request.js';
import { ModelSlot } from './model-slot.js';
import { maxTokensOf, promptTokensOf, SaidTokens } from './raw-text.js';

export interface PacedProviderDeps {
  provider: CompletionProvider & RawCompletions;
  pace: ModelPace;
  tokenizer: Tokenizer;
  logger: Logger;
  telemetry: Telemetry;
}

/** How a model is asked. */
export interface ModelAsk<H> {
  signal: AbortSignal;
  /** True: any pause of the model is waited out. False: a long one ends the call. */
  patient: boolean;
  hears?: H;
}

/** Answers of a model, as a claim requests one. */
export interface AnswerSource {
  /**
   * Does what `CompletionProvider.stream` does.
   * @throws ModelPaused during a long pause, unless patient. No text was passed on then
   */
  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    ask: ModelAsk<Hears>,
  ): Promise<CompletionEnd>;
}

/** Callbacks of a completion, beside its chunks. */
export interface RawHears {
  /** The model that is asked now. */
  model?(id: string): void;
  /** A request goes to the server now. */
  sent?(): void;
  /** Goes with every request, as the header `traceparent`. */
  readonly trace?: string | null;
}

/** The gate of a slot. It tells when a request is sent. */
const gateOf = (slot: ModelSlot, { sent, trace = null }: RawHears): RequestGate => ({
  async pass() {
    await slot.pass();
    sent?.();
  },
  refused: (ms, scope) => slot.refused(ms, scope),
  trace,
});

/** Completions for programs. */
export interface RawSource {
  /**
   * Does what `RawCompletions.complete` does.
   * @throws ModelPaused during a long pause, unless patient. Nothing was passed on then
   */
  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    ask: ModelAsk<RawHears>,
  ): Promise<RawEnd>;
}

/** A provider whose requests, including retries, wait for their slots in the line of all nodes. */
export class PacedProvider implements AnswerSource, RawSource {
  #deps: PacedProviderDeps;
  #limits: PaceLimits;

  constructor(deps: PacedProviderDeps, limits: PaceLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  models(): OfferedModel[] {
    return this.#deps.provider.models();
  }

  /**
   * How long a small request would wait now, apart from pauses of single models. For callers that would rather ask
   * again later than wait. Never rejects.
   */
  waitMs(): Promise<number> {
    return this.#deps.pace.waitMs(this.#limits);
  }

  /** Models that are paused by themselves, with the remaining ms. Never rejects. */
  pauses(): Promise<ReadonlyMap<string, number>> {
    return this.#deps.pace.pauses();
  }

  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    ask: ModelAsk<Hears>,
  ): Promise<CompletionEnd> {
    const { provider, tokenizer } = this.#deps;
    const isCounted = this.#limits.tokensPerMinute !== 0;
    const prompt = isCounted ? estimatePromptTokens(request, tokenizer) : 0;
    const cost = isCounted ? prompt + expectedAnswerTokens(request) : 0;
    const slot = this.#slot(request.model, cost, ask);
    const { signal, hears = {} } = ask;
    const call = { signal, gate: gateOf(slot, hears), hears };
    if (!isCounted) return provider.stream(request, onText, call);
    let text = '';
    const listen = (piece: string) => {
      text += piece;
      onText(piece);
    };
    const reasoning = (piece: string) => {
      text += piece;
      hears.reasoning?.(piece);
    };
    const answer = provider.stream(request, listen, { ...call, hears: { ...hears, reasoning } });
    return reportUse(slot, answer, {
      isBegun: () => text !== '',
      tokens: () => prompt + tokenizer.count(text),
    });
  }

  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    ask: ModelAsk<RawHears>,
  ): Promise<RawEnd> {
    const { provider, tokenizer } = this.#deps;
    const { model, body } = request;
    const isCounted = this.#limits.tokensPerMinute !== 0;
    const prompt = isCounted ? promptTokensOf(body, tokenizer) : 0;
    const cost = isCounted ? prompt + (maxTokensOf(body) ?? ASSUMED_ANSWER_TOKENS) : 0;
    const slot = this.#slot(model, cost, ask);
    const { signal, hears = {} } = ask;
    const call = { signal, gate: gateOf(slot, hears) };
    if (!isCounted) return provider.complete(request, onChunk, call);
    const said = new SaidTokens(tokenizer);
    let isBegun = false;
    const listen = (json: string) => {
      isBegun = true;
      said.hear(json);
      onChunk(json);
    };
    return reportUse(slot, provider.complete(request, listen, call), {
      isBegun: () => isBegun,
      tokens: () => prompt + said.tokens,
    });
  }

  #slot(model: string, cost: number, { signal, patient }: ModelAsk<unknown>): ModelSlot {
    const { pace, logger, telemetry } = this.#deps;
    const limits = this.#limits;
    return new ModelSlot({ pace, logger, telemetry, model, limits, cost, signal, patient });
  }
}

/** What an answer has used so far. */
interface Use {
  isBegun(): boolean;
  tokens(): number;
}

/** Reports to the line what an answer used, at most once, whatever happened to it. */
async function reportUse<E extends { usage: TokenCounts | null }>(
  slot: ModelSlot,
  answer: Promise<E>,
  use: Use,
): Promise<E> {
  try {
    const end = await answer;
    slot.end(end.usage?.total_tokens ?? use.tokens());
    return end;
  } catch (error) {
    slot.end(error instanceof ProviderError && !use.isBegun() ? 0 : use.tokens());
    throw error;
  }
}
