import {
  type CompletionEnd,
  type CompletionRequest,
  type Hears,
  ProviderError,
  type Said,
} from '../../../ports/completion-provider.js';
import type { RawEnd, RawRequest } from '../../../ports/raw-completions.js';
import type { ModelAsk, PacedProvider, RawHears } from './paced-provider.js';

/** One call, whichever model answers. */
export interface RoutedCalls<E> {
  /** Something was passed on. */
  readonly hasText: boolean;
  ask(model: string, server: PacedProvider, patient: boolean): Promise<E>;
  /** Whether the next model may be asked: nothing was shown, and nobody ended the call. */
  mayGoOn(error: unknown): boolean;
}

/** One answer, whichever model gives it. */
export class RoutedCall implements RoutedCalls<CompletionEnd> {
  hasText = false;
  readonly #request: CompletionRequest;
  readonly #onText: (text: string) => void;
  readonly #signal: AbortSignal;
  readonly #hears: Hears;
  #hasReasoning = false;
  #isAnother = false;

  constructor(
    request: CompletionRequest,
    onText: (text: string) => void,
    { signal, hears = {} }: Omit<ModelAsk<Hears>, 'patient'>,
  ) {
    this.#request = request;
    this.#onText = onText;
    this.#signal = signal;
    this.#hears = hears;
  }

  async ask(model: string, server: PacedProvider, patient: boolean): Promise<CompletionEnd> {
    const request = await this.#requestTo(model);
    this.#hears.model?.(model);
    this.#isAnother = this.#hasReasoning;
    const hears = { ...this.#hears, reasoning: this.#reasoning };
    return server.stream(request, this.#text, { signal: this.#signal, patient, hears });
  }

  async #requestTo(model: string): Promise<CompletionRequest> {
    const request = this.#request;
    return request.model === model
      ? request
      : ((await request.as?.(model)) ?? { ...request, model });
  }

  mayGoOn(error: unknown): boolean {
    return !this.hasText && !this.#signal.aborted && error instanceof ProviderError;
  }

  readonly #text = (text: string): void => {
    this.hasText = true;
    this.#onText(text);
  };

  /** The reasoning of the model before was shown, so a blank line follows it. */
  readonly #reasoning = (text: string): void => {
    this.#hears.reasoning?.(this.#isAnother ? `\n\n${text}` : text);
    this.#hasReasoning = true;
    this.#isAnother = false;
  };
}

/** One completion of a program. */
export class RawRoutedCall implements RoutedCalls<RawEnd> {
  hasText = false;
  readonly #request: RawRequest;
  readonly #onChunk: (json: string) => void;
  readonly #signal: AbortSignal;
  readonly #hears: RawHears;

  constructor(
    request: RawRequest,
    onChunk: (json: string) => void,
    { signal, hears = {} }: Omit<ModelAsk<RawHears>, 'patient'>,
  ) {
    this.#request = request;
    this.#onChunk = onChunk;
    this.#signal = signal;
    this.#hears = hears;
  }

  ask(model: string, server: PacedProvider, patient: boolean): Promise<RawEnd> {
    this.#hears.model?.(model);
    const request = { ...this.#request, model, ...(this.#request.said && { said: this.#said }) };
    const [signal, hears] = [this.#signal, this.#hears];
    return server.complete(request, this.#chunk, { signal, patient, hears });
  }

  mayGoOn(error: unknown): boolean {
    return !this.hasText && !this.#signal.aborted && error instanceof ProviderError;
  }

  readonly #chunk = (json: string): void => {
    this.hasText = true;
    this.#onChunk(json);
  };

  /** A whole answer is understood in pieces if the server sends pieces. */
  readonly #said: Said = {
    text: (piece) => {
      this.hasText = true;
      this.#request.said?.text(piece);
    },
    reasoning: (piece) => {
      this.hasText = true;
      this.#request.said?.reasoning(piece);
    },
  };
}
