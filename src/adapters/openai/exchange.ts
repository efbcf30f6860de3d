import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Valve } from './valve.js';

export interface ResponseHead {
  status: number;
  headers: Record<string, string>;
}

/** Of a body: pieces in order, then one of the others. */
export interface BodyListener {
  onData(piece: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

const FIRST_FINAL_STATUS = 200;

/** One request and its response, whose body waits until it is read. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly head: Promise<ResponseHead>;
  readonly #signal: AbortSignal | null;
  #settle: { resolve(head: ResponseHead): void; reject(error: unknown): void };
  #controller: Dispatcher.DispatchController | undefined;
  #valve: Valve | undefined;
  #listener: BodyListener | undefined;
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

  /** The connection that it goes through. */
  through(valve: Valve): void {
    this.#valve = valve;
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
    this.#listener = listener;
    if (this.#failure) listener.onError(this.#failure);
    else this.#controller?.resume();
  }

  /** From now on the body is read as often as text is passed on. */
  meter(): void {
    this.#valve?.meter();
  }

  /** From now on it is read as it comes. */
  unmeter(): void {
    this.#valve?.open();
  }

  /** Closes the connection if the response has not ended; the listener hears nothing more. */
  destroy(): void {
    this.#listener = undefined;
    if (!this.#closed) this.#controller?.abort(new Error('not wanted any more'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < FIRST_FINAL_STATUS) return;
    controller.pause();
    this.#settle.resolve({ status, headers: singleHeaders(headers) });
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
    this.#valve?.open();
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
