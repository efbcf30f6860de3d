import { createParser } from 'eventsource-parser';
import type { AnswerStreamEvents } from '../../src/contract/stream.js';

type Name = keyof AnswerStreamEvents;
export type StreamEvent = {
  [E in Name]: { event: E; id: string; data: AnswerStreamEvents[E] };
}[Name];

/** Reads server-sent events with fetch, as a program does. */
export class SseReader {
  readonly response: Response;
  /** All events so far, in order. */
  readonly events: StreamEvent[] = [];
  comments = 0;
  /** Resolves when the stream ends, in whatever way. */
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read().catch(() => {});
  }

  /** `init.body` makes it a POST. */
  static async open(
    url: string,
    token: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {},
  ): Promise<SseReader> {
    const abort = new AbortController();
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: abort.signal,
    });
    return new SseReader(response, abort);
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== '')?.id ?? '';
  }

  /** The text since the last reset. */
  get text(): string {
    const from = this.events.findLastIndex(({ event }) => event === 'reset');
    return this.events
      .slice(from + 1)
      .map((one) => (one.event === 'delta' ? one.data.text : ''))
      .join('');
  }

  all<E extends Name>(name: E): AnswerStreamEvents[E][] {
    return this.events.flatMap((one) =>
      one.event === name ? [one.data as AnswerStreamEvents[E]] : [],
    );
  }

  /** mocha's time-out is the deadline. */
  until(fits: (reader: SseReader) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!fits(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const parser = createParser({
      onEvent: ({ event = '', id = '', data }) => {
        this.events.push({ event, id, data: JSON.parse(data) } as StreamEvent);
      },
      onComment: () => {
        this.comments += 1;
      },
    });
    // Anything else is for the test to read.
    if (!this.response.headers.get('content-type')?.startsWith('text/event-stream')) return;
    const decoder = new TextDecoder();
    for await (const bytes of this.response.body ?? []) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      for (const look of this.#waiting) look();
    }
  }
}
