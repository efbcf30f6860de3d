import {
  type CompletionEnd,
  type CompletionProvider,
  type CompletionRequest,
  type Hears,
  type OfferedModel,
  ProviderError,
  type Tokenizer,
} from '../../ports/completion-provider.js';
import type { ModelPace, PaceLimits } from '../../ports/model-pace.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { Logger } from '../logger.js';
import { estimatePromptTokens, expectedAnswerTokens } from './model-request.js';
import { ModelSlot } from './model-slot.js';

export interface PacedProviderDeps {
  provider: CompletionProvider;
  pace: ModelPace;
  tokenizer: Tokenizer;
  logger: Logger;
  telemetry: Telemetry;
}

/** Answers of a model, as a claim requests one. */
export interface AnswerSource {
  /**
   * As `CompletionProvider.stream`. `patient` waits out any pause of the model.
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

/** A provider whose requests, including retries, wait for their slots in the line of all nodes. */
export class PacedProvider implements AnswerSource {
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
   * How long a small request would wait now, pauses of single models apart. For callers that would rather ask again
   * later than wait. Never rejects.
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
      : provider.stream(request, onText, signal, slot, hears);
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
      const end = await provider.stream(request, listen, signal, slot, { ...hears, reasoning });
      slot.end(end.usage?.total_tokens ?? counted());
      return end;
    } catch (error) {
      slot.end(error instanceof ProviderError && text === '' ? 0 : counted());
      throw error;
    }
  }

  #slot(model: string, cost: number, signal: AbortSignal, patient: boolean): ModelSlot {
    const { pace, logger, telemetry } = this.#deps;
    const limits = this.#limits;
    return new ModelSlot({ pace, logger, telemetry, model, limits, cost, signal, patient });
  }
}
