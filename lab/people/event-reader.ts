import { createParser } from 'eventsource-parser';

export interface ReceivedEvent {
  /** Empty without a name. */
  event: string;
  id: string;
  data: string;
}

export interface ReadOptions {
  headers?: Record<string, string>;
  /** Makes it a POST. */
  body?: object;
}

/** Reads server-sent events with fetch, as a program does. */
export class EventReader {
  readonly response: Response;
  /** All so far, in order. */
  readonly received: ReceivedEvent[] = [];
  comments = 0;
  /** Resolves when the stream ends, in whatever way. */
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  readonly #abort: AbortController;

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#read().catch(() => {});
  }

  static async open<R extends EventReader>(
    this: new (
      response: Response,
      abort: AbortController,
    ) => R,
    url: string,
    token: string,
    { headers = {}, body }: ReadOptions = {},
  ): Promise<R> {
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
    return new this(response, abort);
  }

  get lastId(): string {
    return this.received.findLast(({ id }) => id !== '')?.id ?? '';
  }

  /** mocha's time-out is the deadline. */
  until(fits: (reader: this) => boolean): Promise<void> {
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
        this.received.push({ event, id, data });
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
