import type { Said } from '../../../ports/completion-provider.js';
import type { RawEnd } from '../../../ports/raw-completions.js';
import type { RawHears } from './paced-provider.js';

/** The request that an answer makes instead of its conversation's own prompt. */
export interface GivenRequest {
  model: string;
  /** The answer comes in one piece, too late to be stopped. */
  isWhole: boolean;
  promptTokens: number;
  maxTokens: number | null;
  /** Does what `RawSource.complete` does, with `said` as in `RawRequest`. Called once. */
  complete(
    onChunk: (json: string) => void,
    said: Said,
    signal: AbortSignal,
    hears: RawHears,
  ): Promise<RawEnd>;
}

/** Requests that programs have sent to this node, by the answers that they ask for. No other node has them. */
export class GivenRequests {
  readonly #requests = new Map<number, GivenRequest>();

  /** Call it before the answer begins, and `drop` when it has ended. */
  put(messageId: number, request: GivenRequest): void {
    this.#requests.set(messageId, request);
  }

  /** A further attempt asks what the conversation says. */
  take(messageId: number): GivenRequest | null {
    const request = this.#requests.get(messageId) ?? null;
    this.#requests.delete(messageId);
    return request;
  }

  drop(messageId: number): void {
    this.#requests.delete(messageId);
  }
}
