import type { Response } from 'express';
import type { AnswerStreamEvents } from '../../contract/stream.js';
import { drained } from './drained.js';

const TIMES = {
  commentEveryMs: 15_000,
  /** A connection is closed after this long without a byte read. */
  unreadMs: 30_000,
};
/** Clients that lose their streams together, as when a node drains, come back spread over this time. */
const RETRY_MS = { least: 500, spread: 1_500 };

/** Server-sent events (HTML, 9.2), at the pace of their reader. */
export class EventStream {
  readonly #res: Response;
  readonly #onSent: (bytes: number) => void;
  readonly #times: typeof TIMES;
  #timer: NodeJS.Timeout | undefined;

  constructor(res: Response, onSent: (bytes: number) => void = () => {}, times = TIMES) {
    this.#res = res;
    this.#onSent = onSent;
    this.#times = times;
  }

  /** Sends the head. Before it, an error is a response like any other. */
  open(): void {
    const res = this.#res;
    res.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      // No proxy may hold back or compress these small, urgent pieces.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    res.setTimeout(this.#times.unreadMs);
    res.flushHeaders();
    res.write(`retry: ${Math.round(RETRY_MS.least + Math.random() * RETRY_MS.spread)}\n\n`);
    this.#timer = setInterval(() => {
      // A comment would only extend the life of a connection that nobody reads.
      if (!res.writableNeedDrain) res.write(':\n\n');
    }, this.#times.commentEveryMs);
  }

  /** Resolves when the reader can take more. Rejects with the reason of `signal`, which must end with the reader. */
  async send<E extends keyof AnswerStreamEvents>(
    event: E,
    id: string | null,
    data: AnswerStreamEvents[E],
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    this.#write(event, id, data);
    await drained(this.#res, signal);
  }

  /** The first event, which comes even if the stream must end at once. */
  begin(data: AnswerStreamEvents['message']): void {
    this.open();
    this.#write('message', null, data);
  }

  #write(event: string, id: string | null, data: object): void {
    const text = `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${oneLine(data)}\n\n`;
    this.#onSent(Buffer.byteLength(text));
    this.#res.write(text);
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#res.headersSent) this.#res.end();
  }
}

/** CR and LF alone end a line of a stream, but the line readers of Python, Swift and others also break at these. */
const BREAKS = /[\u0085\u2028\u2029]/g;

const oneLine = (data: object): string =>
  JSON.stringify(data).replace(
    BREAKS,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
