import {
  type CompletionEnd,
  type CompletionProvider,
  type CompletionRequest,
  type Hears,
  type OfferedModel,
  ProviderError,
  type RequestGate,
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

/** Answers of a model, as a claim requests one. */
export interface AnswerSource {
  /**
   * Does what `CompletionProvider.stream` does. `patient` waits out any pause of the model.
   * @throws ModelPaused during a long pause, unless patient. No text was passed on then
   */
  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
    patient: boolean,
    hears?: Hears,
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
   * Does what `RawCompletions.complete` does. `patient` waits out any pause of the model.
   * @throws ModelPaused during a long pause, unless patient. Nothing was passed on then
   */
  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    signal: AbortSignal,
    patient?: boolean,
    hears?: RawHears,
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
    signal: AbortSignal,
    patient = true,
    hears: Hears = {},
  ): Promise<CompletionEnd> {
    const { provider, tokenizer } = this.#deps;
    const isCounted = this.#limits.tokensPerMinute !== 0;
    const prompt = isCounted ? estimatePromptTokens(request, tokenizer) : 0;
    const cost = isCounted ? prompt + expectedAnswerTokens(request) : 0;
    const slot = this.#slot(request.model, cost, signal, patient);
    return isCounted
      ? this.#counted(request, prompt, onText, signal, slot, hears)
      : provider.stream(request, onText, signal, gateOf(slot, hears), hears);
  }

  /** Reports to the line what the answer used, at most once, whatever happened to it. */
  async #counted(
    request: CompletionRequest,
    prompt: number,
    onText: (text: string) => void,
    signal: AbortSignal,
    slot: ModelSlot,
    hears: Hears,
  ): Promise<CompletionEnd> {
    const { provider, tokenizer } = this.#deps;
    let text = '';
    const listen = (piece: string) => {
      text += piece;
      onText(piece);
    };
    const reasoning = (piece: string) => {
      text += piece;
      hears.reasoning?.(piece);
    };
    const counted = () => prompt + tokenizer.count(text);
    try {
      const gate = gateOf(slot, hears);
      const end = await provider.stream(request, listen, signal, gate, { ...hears, reasoning });
      slot.end(end.usage?.total_tokens ?? counted());
      return end;
    } catch (error) {
      slot.end(error instanceof ProviderError && text === '' ? 0 : counted());
      throw error;
    }
  }

  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    signal: AbortSignal,
    patient = true,
    hears: RawHears = {},
  ): Promise<RawEnd> {
    const { provider, tokenizer } = this.#deps;
    const { model, body } = request;
    const isCounted = this.#limits.tokensPerMinute !== 0;
    const prompt = isCounted ? promptTokensOf(body, tokenizer) : 0;
    const cost = isCounted ? prompt + (maxTokensOf(body) ?? ASSUMED_ANSWER_TOKENS) : 0;
    const slot = this.#slot(model, cost, signal, patient);
    const gate = gateOf(slot, hears);
    return isCounted
      ? this.#countedRaw(prompt, onChunk, slot, (listen) =>
          provider.complete(request, listen, signal, gate),
        )
      : provider.complete(request, onChunk, signal, gate);
  }

  async #countedRaw(
    prompt: number,
    onChunk: (json: string) => void,
    slot: ModelSlot,
    ask: (listen: (json: string) => void) => Promise<RawEnd>,
  ): Promise<RawEnd> {
    const said = new SaidTokens(this.#deps.tokenizer);
    let isBegun = false;
    const listen = (json: string) => {
      isBegun = true;
      said.hear(json);
      onChunk(json);
    };
    try {
      const end = await ask(listen);
      slot.end(end.usage?.total_tokens ?? prompt + said.tokens);
      return end;
    } catch (error) {
      slot.end(error instanceof ProviderError && !isBegun ? 0 : prompt + said.tokens);
      throw error;
    }
  }

  #slot(model: string, cost: number, signal: AbortSignal, patient: boolean): ModelSlot {
    const { pace, logger, telemetry } = this.#deps;
    const limits = this.#limits;
    return new ModelSlot({ pace, logger, telemetry, model, limits, cost, signal, patient });
  }
}
