import type { ModelFault } from '../contract/admin.js';
import {
  ProviderError,
  type RequestGate,
  type Said,
  type TokenCounts,
} from './completion-provider.js';

/** A chat completion as a program asks for it: passed on as it is, but for the name of the model. */
export interface RawRequest {
  /** Parley's id of the model. */
  model: string;
  /** The whole JSON body of the client. */
  body: Readonly<Record<string, unknown>>;
  stream: boolean;
  /** Opaque id of the asking user, for the model server's abuse handling if the body names nobody. */
  user: string;
  /**
   * Gets what the first answer says, as `CompletionProvider.stream` would, after the event that says it. With it, a text
   * in an unknown shape ends the call.
   */
  said?: Said;
}

export interface RawEnd {
  /** Null if the server sent none: the caller counts. */
  usage: TokenCounts | null;
  /** The model's own, of its first choice; null if the answer broke off without one. */
  finishReason: string | null;
}

/** An error as a model server words it. */
export interface ServerError {
  message: string;
  type: string | null;
  param: string | null;
  code: string | null;
}

/**
 * The model server refused the request, in its own words, which may quote the request. They hold no key and no address
 * of the server, and are no property that a log would write down.
 */
export class RawRefusal extends ProviderError {
  /** Its HTTP status; 200 if it came within an answer. */
  readonly status: number;
  readonly #error: ServerError;

  constructor(fault: ModelFault, detail: string, refused: { status: number; error: ServerError }) {
    super('provider_error', detail, { fault });
    this.status = refused.status;
    this.#error = refused.error;
  }

  get error(): ServerError {
    return this.#error;
  }
}

export interface RawCompletions {
  /**
   * `onChunk` gets, in order and synchronously, the JSON text of each event's data exactly as the server sent it, never
   * `[DONE]`; with `stream` false, the whole JSON answer once. Nothing comes after the promise has settled. Usage is
   * asked for in any case; an event that has nothing else is not passed on unless the body asks for it.
   * @throws RawRefusal, ProviderError; on abort, at once, the signal's reason
   */
  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    signal: AbortSignal,
    gate?: RequestGate,
  ): Promise<RawEnd>;
}
