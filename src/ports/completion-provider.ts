import type { ModelFault } from '../contract/admin.js';
import type { ModelInfo, Usage } from '../contract/rest.js';
import type { PromptMessage, VendorData } from '../entities/entities.js';

export interface CompletionRequest {
  model: string;
  messages: PromptMessage[];
  temperature: number | null;
  /** Maximum tokens of the answer; null: the model decides. */
  maxTokens: number | null;
  /**
   * The same messages, with the fields that a server may want back with its answers. Asked for if the server demands
   * it.
   */
  recall?(): Promise<PromptMessage[]>;
  /** The same question for another model, within the limits of that model. */
  as?(model: string): Promise<CompletionRequest>;
  /** Opaque id of the asking user, for the model server's abuse handling. */
  user: string;
}

/** The usage that the model server counted. */
export type TokenCounts = Omit<Usage, 'cost'>;

/** A model as the operator has set it up. */
export interface OfferedModel extends Omit<ModelInfo, 'default'> {
  /** Other names by which it may be asked for. */
  aliases: readonly string[];
  /** Ids of models that are asked instead, in this order, if it fails before its first text. */
  fallback: readonly string[];
}

export interface CompletionEnd {
  /**
   * The model's own reason (`stop`, `length`, ...), or `stop` if the server only marked its text as complete; null if
   * the stream ended without either.
   */
  finishReason: string | null;
  /** Null if the server sent none: the caller counts. */
  usage: TokenCounts | null;
  /** The fields that the server may want back with this answer in later requests; absent if there are none. */
  vendor?: VendorData;
}

/**
 * The model failed before or during its answer. `provider_error`: it refused, or broke the protocol.
 * `provider_unavailable`: it could not be reached, was too busy or fell silent. `detail` is safe to show to users: it
 * never contains a key, an address or a server's raw text.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: 'provider_error' | 'provider_unavailable';
  readonly detail: string;
  /** The fault, for people who can fix it; null if it is unknown. */
  readonly fault: ModelFault | null;
  /** These words are neither logged nor sent to users. */
  readonly #words: string | null;

  constructor(
    code: 'provider_error' | 'provider_unavailable',
    detail: string,
    options: { cause?: unknown; fault?: ModelFault; words?: string } = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.fault = options.fault ?? null;
    this.#words = options.words || null;
  }

  /** The model server's own words, without keys, for administrators only; null: it said nothing. */
  get words(): string | null {
    return this.#words;
  }
}

/** The scope of a refusal: the requested model, or all models of this account. */
export type RefusalScope = 'model' | 'account';

/** Decides when a request may be sent, and learns when the server asks to slow down. */
export interface RequestGate {
  /**
   * Awaited before every request to the server, including retries. No time limit runs meanwhile.
   * @throws the signal's reason, or a ProviderError that ends the call
   */
  pass(): Promise<void>;
  /**
   * The server refused a request because of its rate and said when to retry. Retries wait for that in `pass`. Never
   * rejects.
   */
  refused(retryAfterMs: number, scope: RefusalScope): Promise<void>;
  /** Goes with every request, as the header `traceparent`. */
  readonly trace?: string | null;
}

/** The moment at which text is passed on to readers: nobody sees new text before that. */
export interface FlushTimes {
  /** Calls back once, just before the next flush, early enough for data read then. In order. */
  beforeNext(work: () => void): void;
}

/** Receives the pieces of an answer. */
export interface Said {
  text(piece: string): void;
  reasoning(piece: string): void;
}

/** The parts of an answer beside its text. */
export interface Hears {
  /** The model's reasoning, in pieces. */
  reasoning?(text: string): void;
  /** The model that is asked now, if it is not the one of the request; called again if that one is asked after all. */
  model?(id: string): void;
  /** A request goes to the server now. */
  sent?(): void;
  /** Goes with every request, as the header `traceparent`. */
  readonly trace?: string | null;
}

/** How a model server is asked. */
export interface ServerCall {
  signal: AbortSignal;
  gate?: RequestGate | undefined;
}

export interface CompletionProvider {
  /**
   * Streams one completion. `onText` is called in order, synchronously, once per piece of answer text, never with an
   * empty string, and never after the promise has settled. The same holds for `hears`. Resolves when the model has
   * ended. A missing `finish_reason` resolves with null; the caller judges it.
   * @throws ProviderError; on abort, at once, the signal's reason.
   */
  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    call: ServerCall & { hears?: Hears },
  ): Promise<CompletionEnd>;

  /** The available models. */
  models(): OfferedModel[];
}
