import type { ModelFault } from '../contract/admin.js';
import {
  ProviderError,
  type Said,
  type ServerCall,
  type TokenCounts,
} from './completion-provider.js';

/** A chat completion as a program asks for it. It is passed on unchanged, except for the name of the model. */
export interface RawRequest {
  /** Parley's id of the model. */
  model: string;
  /** The whole JSON body of the client. */
  body: Readonly<Record<string, unknown>>;
  stream: boolean;
  /** Opaque id of the asking user, for the model server's abuse handling if the body names nobody. */
  user: string;
  /**
   * Gets the text of the first answer, as `CompletionProvider.stream` would give it, after the event that has it. With
   * it, a text in an unknown shape ends the call.
   */
  said?: Said;
}

export interface RawEnd {
  /** Null if the server sent none: the caller counts. */
  usage: TokenCounts | null;
  /** The reason of the model's first choice; null if the answer broke off without one. */
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
 * The model server refused the request. Its words may quote the request, but hold no key and no address of the server.
 * They are no property, so that a log does not write them down.
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
  complete(request: RawRequest, onChunk: (json: string) => void, call: ServerCall): Promise<RawEnd>;
}
