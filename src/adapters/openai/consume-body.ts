import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { CompletionEnd } from '../../ports/completion-provider.js';
import type { CompletionChunks } from './completion-chunks.js';
import { failure } from './failures.js';

export interface ConsumeOptions {
  chunks: CompletionChunks;
  signal: AbortSignal;
  /** Called for every packet. */
  alive: () => void;
}

/** What is done with a body. Whatever it throws is how the reading fails. */
export interface Sink {
  text(text: string): void;
  /** The body has ended; gives the result. */
  end(): CompletionEnd;
}

/** Ends the reading; only the first call counts. */
export interface Control {
  finish(end: CompletionEnd): void;
  fail(error: unknown): void;
  readonly settled: boolean;
}

/** A socket whose stream ends properly within this time after `[DONE]` is used again. */
const REUSE_MS = 250;

/** Runs a body through a sink, by events. After it has settled the sink hears nothing more. */
export function consume(
  body: Readable,
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

class Consumption implements Control {
  readonly #body: Readable;
  readonly #options: ConsumeOptions;
  readonly #settle: Settle;
  readonly #decoder = new StringDecoder('utf8');
  #settled = false;

  constructor(body: Readable, options: ConsumeOptions, settle: Settle) {
    this.#body = body;
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
    const sink = createSink(this);
    signal.addEventListener('abort', this.#onAbort);
    // They stay to the end: what comes after the result is drained unread.
    this.#body
      .on('data', (packet: Buffer) => this.#onData(sink, packet))
      .on('end', () => this.#onEnd(sink))
      .on('error', (error) => this.#onError(error));
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

  #onData(sink: Sink, packet: Buffer): void {
    if (this.#settled) return;
    try {
      this.#options.alive();
      sink.text(this.#decoder.write(packet));
    } catch (error) {
      this.fail(error);
    }
  }

  #onEnd(sink: Sink): void {
    if (this.#settled) return;
    try {
      sink.text(this.#decoder.end());
      this.finish(sink.end());
    } catch (error) {
      this.fail(error);
    }
  }

  #onError(error: Error): void {
    const { chunks } = this.#options;
    if (chunks.finished) this.finish(chunks.end);
    else this.fail(failure('lost', error));
  }

  readonly #onAbort = () => this.fail(this.#options.signal.reason);
}

function leaveReusable(body: Readable): void {
  if (body.destroyed) return;
  const deadline = setTimeout(() => body.destroy(), REUSE_MS);
  deadline.unref();
  body.once('close', () => clearTimeout(deadline));
}
