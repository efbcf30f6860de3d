import type { Response } from 'express';
import { LIMITS } from '../../contract/limits.js';
import type { OpenAIProblem } from '../../contract/openai.js';
import { drained } from '../streams/drained.js';

/** Characters that wait in memory when a text is read again. */
const FLUSH_CHARS = 65_536;
const TIMES = {
  pingEveryMs: 15_000,
  /** A connection is closed after this long without a byte read. */
  unreadMs: 30_000,
};

export interface StreamListener {
  /** Bytes that were sent. */
  onSent(bytes: number): void;
  /** The client does not read. */
  onOverflow(): void;
}

/** Events as OpenAI's clients read them. Everything that comes in one turn of the event loop is written at once. */
export class CompletionStream {
  readonly #res: Response;
  readonly #listener: StreamListener;
  readonly #times: typeof TIMES;
  readonly #timer: NodeJS.Timeout;
  #waiting = '';
  #isOpen = false;
  #isClosed = false;

  constructor(res: Response, listener: StreamListener, times = TIMES) {
    this.#res = res;
    this.#listener = listener;
    this.#times = times;
    this.#timer = setInterval(() => this.#ping(), times.pingEveryMs);
  }

  /** Whether anything was sent. After that, an error can only be an event. */
  get isBegun(): boolean {
    return this.#isOpen || this.#waiting !== '';
  }

  /** `json` is passed on as it is. */
  send(json: string, id?: string): void {
    if (this.#waiting === '') queueMicrotask(() => this.#flush());
    if (id !== undefined) this.#waiting += `id: ${id}\n`;
    this.#waiting += `data: ${LINE_END.test(json) ? inLines(json) : json}\n\n`;
  }

  /** Waits for `drained` of the response. */
  async drained(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length > FLUSH_CHARS) this.#flush();
    await drained(this.#res, signal);
  }

  /** Nothing may follow. */
  done(): void {
    this.send('[DONE]');
    this.close();
  }

  /** Nothing may follow, because a stream that failed is not done. */
  fail(problem: OpenAIProblem): void {
    this.send(JSON.stringify(problem));
    this.close();
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    clearInterval(this.#timer);
    if (this.#isOpen) this.#res.end();
  }

  #flush(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '' || this.#isClosed) return;
    this.#timer.refresh();
    this.#write(text);
  }

  /** Pings before the first event too, so that no proxy gives up on a model that thinks for long. */
  #ping(): void {
    // A comment would only extend the life of a connection that nobody reads.
    if (!this.#res.writableNeedDrain) this.#write(': ping\n\n');
  }

  #write(text: string): void {
    const res = this.#res;
    if (res.destroyed) return;
    if (!this.#isOpen) this.#open();
    this.#listener.onSent(Buffer.byteLength(text));
    res.write(text);
    if (res.writableLength > LIMITS.completionUnreadBytes) this.#listener.onOverflow();
  }

  #open(): void {
    this.#isOpen = true;
    this.#res.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      // No proxy may hold back or compress these small, urgent pieces.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.#res.setTimeout(this.#times.unreadMs);
  }
}

const LINE_END = /\r\n?|\n/;
/** JSON may be spread over lines, which are joined again by the reader (HTML, 9.2.6). */
const inLines = (json: string): string => json.split(LINE_END).join('\ndata: ');
