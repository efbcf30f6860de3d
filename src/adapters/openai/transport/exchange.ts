import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { type BodyListener, DecodedBody } from './decoded-body.js';
import type { InterimHeads } from './interim-heads.js';
import type { Valve } from './valve.js';

export interface ResponseHead {
  status: number;
  headers: Record<string, string>;
}

/** The parts of one connection to the model server. */
export interface Connection {
  valve: Valve;
  heads: InterimHeads;
}

const FIRST_FINAL_STATUS = 200;

/** One request and its response, whose body waits until it is read. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly head: Promise<ResponseHead>;
  readonly #signal: AbortSignal | null;
  #settle: { resolve(head: ResponseHead): void; reject(error: unknown): void };
  #controller: Dispatcher.DispatchController | undefined;
  #connection: Connection | undefined;
  #encoding = '';
  #contentType = '';
  #listener: DecodedBody | undefined;
  #failure: Error | undefined;
  #onClose: (() => void)[] = [];
  #closed = false;

  constructor(signal: AbortSignal | null) {
    this.#signal = signal;
    this.#settle = { resolve() {}, reject() {} };
    this.head = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  /** Sets the connection that carries this exchange. */
  through(connection: Connection): void {
    this.#connection = connection;
  }

  /** The content type of the response, once its head has arrived. */
  get contentType(): string {
    return this.#contentType;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Called once, when the connection is free again or lost. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  read(listener: BodyListener): void {
    if (this.#failure) {
      listener.onError(this.#failure);
      return;
    }
    const controller = this.#controller;
    const flow = { pause: () => controller?.pause(), resume: () => controller?.resume() };
    this.#listener = new DecodedBody(this.#encoding, listener, flow);
    controller?.resume();
  }

  /** Reads the body on the flush clock from now on. */
  meter(): void {
    this.#connection?.valve.meter();
  }

  /** Reads the body as it arrives from now on. */
  unmeter(): void {
    this.#connection?.valve.open();
  }

  /** Closes the connection if the response has not ended. The listener gets nothing more. */
  destroy(): void {
    this.#listener?.destroy();
    this.#listener = undefined;
    if (!this.#closed) this.#controller?.abort(new Error('not wanted any more'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#connection?.heads.expect();
    if (this.#signal?.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < FIRST_FINAL_STATUS) return;
    controller.pause();
    const head = { status, headers: singleHeaders(headers) };
    this.#encoding = head.headers['content-encoding'] ?? '';
    this.#contentType = head.headers['content-type'] ?? '';
    this.#settle.resolve(head);
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#listener?.onData(piece);
  }

  onResponseEnd(): void {
    this.#close();
    this.#listener?.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failure = error;
    this.#close();
    this.#settle.reject(error);
    this.#listener?.onError(error);
  }

  readonly #onAbort = () => {
    const reason: Error = this.#signal?.reason;
    this.#settle.reject(reason);
    this.#controller?.abort(reason);
  };

  #close(): void {
    this.#closed = true;
    this.#connection?.valve.open();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const listener of this.#onClose.splice(0)) listener();
  }
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = String(value);
  }
  return single;
}
