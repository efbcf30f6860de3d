import type { ServerResponse } from 'node:http';
import {
  DONE,
  finishChunk,
  openEventStream,
  type RecordedRequest,
  roleChunk,
  textChunk,
  type UpstreamUsage,
  usageChunk,
} from './upstream-wire.js';

/**
 * An answer that the test writes piece by piece. Calls before the request arrives are kept in order. Calls after the
 * client has disconnected do nothing.
 */
export class HeldAnswer {
  /** The request that this answers, once it has arrived. */
  readonly opened: Promise<RecordedRequest>;
  #resolveOpened: (request: RecordedRequest) => void = () => {};
  #response: ServerResponse | undefined;
  #kept: ((response: ServerResponse) => void)[] = [];

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#resolveOpened = resolve;
    });
  }

  /** Resolves when the response has ended, here or because the client disconnected. */
  get closed(): Promise<void> {
    return this.opened.then((request) => request.closed);
  }

  /** Called by the server. */
  open(response: ServerResponse, request: RecordedRequest): void {
    openEventStream(response);
    response.write(roleChunk());
    this.#response = response;
    for (const action of this.#kept.splice(0)) action(response);
    this.#resolveOpened(request);
  }

  /** Writes one content chunk per piece. */
  write(...pieces: string[]): void {
    this.raw(pieces.map(textChunk).join(''));
  }

  /** Writes bytes unchanged: comments, broken events, halves of characters. */
  raw(bytes: string | Buffer): void {
    this.#do((response) => response.write(bytes));
  }

  /** Ends properly: finish reason, usage, `[DONE]`, end of the response. */
  finish(options: { reason?: string; usage?: UpstreamUsage | null } = {}): void {
    const {
      reason = 'stop',
      usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
    } = options;
    this.#do((response) =>
      response.end(finishChunk(reason) + (usage ? usageChunk(usage) : '') + DONE),
    );
  }

  /** Ends the response without a finish reason or `[DONE]`. */
  end(): void {
    this.#do((response) => response.end());
  }

  /** Cuts the connection in the middle. Everything written before arrives. */
  cut(): void {
    this.#do((response) => response.socket?.destroySoon());
  }

  #do(action: (response: ServerResponse) => void): void {
    if (this.#response) action(this.#response);
    else this.#kept.push(action);
  }
}
