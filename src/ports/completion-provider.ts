import type { ModelInfo, Usage } from '../contract/rest.js';
import type { PromptMessage } from '../model/entities.js';

export interface CompletionRequest {
  model: string;
  messages: PromptMessage[];
  temperature: number | null;
  /** Most tokens of the answer; null leaves it to the model. */
  maxTokens: number | null;
  /** Opaque id of the asking user, for the model server's abuse handling. */
  user: string;
}

export interface CompletionEnd {
  /**
   * As the model gave it (`stop`, `length`, ...), and `stop` when the server only said that its text was all; null when
   * the stream ended without either.
   */
  finishReason: string | null;
  /** Null when the server sent none: count then. */
  usage: Usage | null;
}

/**
 * The model could not answer, or not to the end. `provider_error`: it answered and refused, or broke the
 * protocol. `provider_unavailable`: it could not be reached, was too busy or fell silent.
 * `detail` is safe to show to users: it never carries a key, an address or a server's raw text.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: 'provider_error' | 'provider_unavailable';
  readonly detail: string;

  constructor(
    code: 'provider_error' | 'provider_unavailable',
    detail: string,
    options: { cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Whom a refusal concerns: the model that was asked for, or all models of this account. */
export type RefusalScope = 'model' | 'account';

/** Decides when a request may go out, and learns when the server wants fewer. */
export interface RequestGate {
  /** Awaited before every request to the server, further tries included; no time limit counts it. @throws the signal's reason, or a ProviderError that ends the call */
  pass(): Promise<void>;
  /** The server refused a request as one too many and said when to come again. Further tries wait in `pass` for that. Never rejects. */
  refused(retryAfterMs: number, scope: RefusalScope): Promise<void>;
}

/** When text is passed on to readers: nobody sees before that what has come since. */
export interface FlushTimes {
  /** Calls once, just before the next time, soon enough for what is then read. In order. */
  beforeNext(work: () => void): void;
}

export interface CompletionProvider {
  /**
   * Streams one completion. `onText` is called in order, synchronously, once per piece of answer text,
   * never with an empty string, and never after the promise has settled. Text of reasoning is not passed on.
   * Resolves when the model has ended; a missing `finish_reason` resolves with null and is the caller's to judge.
   * @throws ProviderError; on abort the signal's reason, at once, whatever the network is doing.
   */
  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    signal: AbortSignal,
    gate?: RequestGate,
  ): Promise<CompletionEnd>;

  /** The models that may be asked for; exactly one is the default. */
  models(): ModelInfo[];
}

/** Counts tokens where no server did, and for the prompt budget. An estimate for models with another vocabulary. */
export interface Tokenizer {
  /** Takes time linear in the text. */
  count(text: string): number;
}
