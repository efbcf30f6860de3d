import type { ModelInfo } from '../../contract/rest.js';
import {
  type CompletionEnd,
  type CompletionProvider,
  type CompletionRequest,
  ProviderError,
  type Tokenizer,
} from '../../ports/completion-provider.js';
import type { ModelPace, PaceLimits } from '../../ports/engine.js';
import type { Logger } from '../logger.js';
import { estimatePromptTokens, expectedAnswerTokens } from './model-request.js';
import { ModelTurn } from './model-turn.js';

export interface PacedProviderDeps {
  provider: CompletionProvider;
  pace: ModelPace;
  tokenizer: Tokenizer;
  logger: Logger;
}

/** A provider whose requests, further tries included, wait for their slots in the line of all nodes. */
export class PacedProvider implements CompletionProvider {
  #deps: PacedProviderDeps;
  #limits: PaceLimits;

  constructor(deps: PacedProviderDeps, limits: PaceLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  models(): ModelInfo[] {
    return this.#deps.provider.models();
  }

  /** How long a small request would wait if it were made now; for whoever would rather ask later than wait. Never rejects. */
  waitMs(): Promise<number> {
    return this.#deps.pace.waitMs(this.#limits);
  }

  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<CompletionEnd> {
    return this.#limits.tokensPerMinute === 0
      ? this.#deps.provider.stream(request, onText, signal, this.#turn(0, signal))
      : this.#counted(request, onText, signal);
  }

  /** Tells the line at the end what the answer took, at most once and whatever happened to it. */
  async #counted(
    request: CompletionRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<CompletionEnd> {
    const { provider, tokenizer } = this.#deps;
    const prompt = estimatePromptTokens(request, tokenizer);
    const turn = this.#turn(prompt + expectedAnswerTokens(request), signal);
    let text = '';
    const listen = (piece: string) => {
      text += piece;
      onText(piece);
    };
    const counted = () => prompt + tokenizer.count(text);
    try {
      const end = await provider.stream(request, listen, signal, turn);
      turn.end(end.usage?.total_tokens ?? counted());
      return end;
    } catch (error) {
      turn.end(error instanceof ProviderError && text === '' ? 0 : counted());
      throw error;
    }
  }

  #turn(cost: number, signal: AbortSignal): ModelTurn {
    const { pace, logger } = this.#deps;
    return new ModelTurn({ pace, logger, limits: this.#limits, cost, signal });
  }
}
