import { type CompletionEnd, ProviderError } from '../../../ports/completion-provider.js';
import { failure } from '../failures.js';
import { type BodyText, bodyText } from './body-text.js';
import type { BodyListener } from './decoded-body.js';
import type { Exchange } from './exchange.js';

/** Understands the data of one stream, and knows when it is complete. */
export interface Chunks {
  /** Grows while text comes. */
  readonly length: number;
  readonly finished: boolean;
  readonly end: CompletionEnd;
  /** Takes the data of one event. True when the server says that the stream is complete. */
  take(data: string, event?: string): boolean;
  /** Takes the only JSON of a body, from a server that does not stream. */
  takeWhole(json: string): void;
  /** The body was this single JSON document, which was taken. */
  closeWhole(answer: unknown): void;
}

export interface ConsumeOptions {
  chunks: Chunks;
  signal: AbortSignal;
  /** Called for every packet. */
  alive: () => void;
}

/** Processes a body. If the sink throws, the read fails with that error. */
export interface Sink {
  text(text: string): void;
  /** The body has ended. Returns the result. */
  end(): CompletionEnd;
}

/** Ends the reading; only the first call counts. */
export interface Control {
  finish(end: CompletionEnd): void;
  fail(error: unknown): void;
  readonly settled: boolean;
}

/** Takes the data of one event or the JSON of one line. Ends the reading if that was the last. */
export type TakeData = (data: string, event?: string) => void;

/** Longest line or whole answer that is buffered, in characters. */
export const MAX_BUFFER = 8_388_608;

/** A socket whose stream ends properly within this time after `[DONE]` is reused. */
const REUSE_MS = 250;

/** Runs a body through a sink. After it has settled, the sink gets nothing more. */
export function consume(
  body: Exchange,
  options: ConsumeOptions,
  createSink: (control: Control) => Sink,
): Promise<CompletionEnd> {
  return new Promise((resolve, reject) => {
    new Consumption(body, options, { resolve, reject }).run(createSink);
  });
}

interface Settle {
  resolve: (end: CompletionEnd) => void;
  reject: (error: unknown) => void;
}

class Consumption implements Control, BodyListener {
  readonly #body: Exchange;
  readonly #options: ConsumeOptions;
  readonly #settle: Settle;
  readonly #decoder: BodyText;
  #sink: Sink | undefined;
  #settled = false;

  constructor(body: Exchange, options: ConsumeOptions, settle: Settle) {
    this.#body = body;
    this.#decoder = bodyText(body.contentType);
    this.#options = options;
    this.#settle = settle;
  }

  get settled(): boolean {
    return this.#settled;
  }

  run(createSink: (control: Control) => Sink): void {
    const { signal } = this.#options;
    if (signal.aborted) {
      this.#onAbort();
      return;
    }
    this.#sink = createSink(this);
    signal.addEventListener('abort', this.#onAbort);
    // Listens until the body ends: data after the result is drained unread.
    this.#body.read(this);
  }

  finish(end: CompletionEnd): void {
    if (!this.#close()) return;
    leaveReusable(this.#body);
    this.#settle.resolve(end);
  }

  fail(error: unknown): void {
    if (!this.#close()) return;
    this.#body.destroy();
    this.#settle.reject(error);
  }

  #close(): boolean {
    const first = !this.#settled;
    this.#settled = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    return first;
  }

  onPacket(): void {
    if (!this.#settled) this.#options.alive();
  }

  onData(piece: Buffer): void {
    if (this.#settled) return;
    const { chunks } = this.#options;
    try {
      this.#sink?.text(this.#decoder.write(piece));
      // The first text is passed on at once, later text with the next flush.
      if (chunks.length > 0 && !this.#settled) this.#body.meter();
    } catch (error) {
      this.fail(error);
    }
  }

  onEnd(): void {
    if (this.#settled || !this.#sink) return;
    try {
      this.#sink.text(this.#decoder.end());
      this.finish(this.#sink.end());
    } catch (error) {
      this.fail(error);
    }
  }

  onError(error: Error): void {
    if (this.#settled) return;
    const { chunks } = this.#options;
    if (chunks.finished) this.finish(chunks.end);
    else this.fail(error instanceof ProviderError ? error : failure('lost', error));
  }

  readonly #onAbort = () => this.fail(this.#options.signal.reason);
}

function leaveReusable(body: Exchange): void {
  if (body.closed) return;
  body.unmeter();
  const deadline = setTimeout(() => body.destroy(), REUSE_MS);
  deadline.unref();
  body.onClose(() => clearTimeout(deadline));
}
