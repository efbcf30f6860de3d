import type { WireError } from '../../contract/errors.js';
import { BEGINNING, type Cursor } from '../../contract/events.js';
import type { ChatBody } from '../../contract/rest.js';
import type { AnswerStreamEvents } from '../../contract/stream.js';
import { utf8Length } from '../../contract/utf8-length.js';
import { ParleyError, toParleyError, unreachable } from '../parley-error.js';
import { randomId } from '../random-id.js';
import { Patience } from '../time/patience.js';
import { Retry } from '../time/retry.js';
import { EventParser, eventsOf, type ParsedEvent } from './event-parser.js';
import { type RestOptions, request } from './request.js';

/**
 * One event of an answer. `message`: what was stored, only from `streamChat`. `delta`: text to append. `reset`: the
 * text begins again, so clear what was shown. `completed`: the end. `id` is what `lastEventId` takes.
 */
export type AnswerEvent = {
  [E in keyof AnswerStreamEvents]: {
    readonly event: E;
    readonly id: string;
    readonly data: AnswerStreamEvents[E];
  };
}[keyof AnswerStreamEvents];

/** Options of `streamAnswer` and `streamChat`. */
export interface StreamOptions {
  /** Ends the reading, which then throws `unavailable`. The answer itself continues, unless it is stopped. */
  signal?: AbortSignal | undefined;
  /** A connection that is silent for longer is replaced. The server gives a sign every 15 s. Default: 45 s. */
  silenceMs?: number | undefined;
}

/** The events of an answer, for `for await`. */
export type AnswerEvents = AsyncGenerator<AnswerEvent, void, undefined>;

/**
 * Reads an answer as server-sent events, for programs without a socket: its text from the beginning, then what follows
 * while it is written. A lost connection is replaced, and continues exactly after what was read. The last event is
 * always `completed`. `lastEventId`: the `id` of the last event that the program already has.
 * @throws ParleyError if the server refuses, for instance `not_found`, `forbidden` or `key_revoked`
 * @example
 * const server = { url: 'https://chat.example.org', token: () => key, timeoutMs: 10_000 };
 * let text = '';
 * for await (const { event, data } of streamAnswer(server, message.id)) {
 *   if (event === 'delta') text += data.text;
 *   if (event === 'reset') text = '';
 *   if (event === 'completed') console.log(data.status, text);
 * }
 */
export function streamAnswer(
  options: RestOptions,
  messageId: number,
  { lastEventId = '', ...how }: StreamOptions & { lastEventId?: string | undefined } = {},
): AnswerEvents {
  return new AnswerStream(options, how, lastEventId).follow(messageId);
}

/**
 * Asks, and reads the answer as `streamAnswer` does. The question is stored once, however often the connection is lost.
 * @throws ParleyError if the server refuses the question, for instance `quota_exceeded`
 * @example
 * for await (const { event, data } of streamChat(server, { message: 'What is a lease?' })) {
 *   if (event === 'message') console.log(`in conversation ${data.conversation_id}`);
 *   if (event === 'delta') process.stdout.write(data.text);
 *   if (event === 'reset') console.log('\nThe answer begins again:');
 * }
 */
export function streamChat(
  options: RestOptions,
  body: ChatBody,
  how: StreamOptions = {},
): AnswerEvents {
  const question = { ...body, client_id: body.client_id ?? randomId() };
  return new AnswerStream(options, how, '').follow(question);
}

const SILENCE_MS = 45_000;
const NO_STREAM: WireError = {
  code: 'validation_failed',
  message: 'This `fetch` does not stream: give another one, or use `createClient`',
  retryable: false,
};
const EVENTS: ReadonlySet<string> = new Set<keyof AnswerStreamEvents>([
  'message',
  'delta',
  'reset',
  'completed',
]);

/** One answer, over as many connections as it takes. */
class AnswerStream {
  readonly #options: RestOptions;
  readonly #how: StreamOptions;
  readonly #retry = new Retry();
  readonly #patience = new Patience();
  #lastId: string;
  #at: Cursor;
  /** UTF-8 length of the text since its beginning; null: its beginning is not known here. */
  #bytes: number | null;
  #isRepaired = false;

  constructor(options: RestOptions, how: StreamOptions, lastId: string) {
    const [attempt = 0, seq = 0] = lastId.split('-').map(Number);
    this.#options = options;
    this.#how = how;
    this.#lastId = lastId;
    this.#at = { attempt, seq };
    this.#bytes = lastId === '' ? 0 : null;
  }

  /** `asked`: an answer, or a question that has none yet. */
  async *follow(asked: number | ChatBody): AnswerEvents {
    let wanted = asked;
    for (;;) {
      let waitMs: number | undefined;
      const parser = new EventParser();
      try {
        for await (const parsed of this.#connect(wanted, parser)) {
          const event = this.#take(parsed);
          if (event === null) continue;
          if (event.event === 'message') wanted = event.data.message_id;
          yield event;
          if (event.event === 'completed') return;
          if (event.event === 'reset' && parsed.event !== 'reset') break;
        }
        waitMs = parser.retryMs;
      } catch (reason) {
        const error = toParleyError(reason);
        if (this.#isOver || !this.#patience.mayRepeat(error)) throw error;
        waitMs = error.retryAfterMs;
      }
      await this.#pause(waitMs);
    }
  }

  async *#connect(asked: number | ChatBody, parser: EventParser): AsyncGenerator<ParsedEvent> {
    const { signal, silenceMs = SILENCE_MS } = this.#how;
    if (this.#isOver) throw unreachable(signal?.reason);
    const path = typeof asked === 'number' ? `/agent/messages/${asked}/stream` : '/agent/chat';
    const body = await request<ReadableStream<Uint8Array> | null>(this.#options, path, {
      ...(typeof asked === 'number' ? {} : { method: 'POST', body: asked }),
      headers: {
        Accept: 'text/event-stream',
        ...(this.#lastId !== '' && { 'Last-Event-ID': this.#lastId }),
      },
      read: async ({ body: stream }) => stream,
      signal,
    });
    if (!body) throw new ParleyError(NO_STREAM);
    yield* eventsOf(body, parser, silenceMs, signal);
    if (this.#isOver) throw unreachable(signal?.reason);
  }

  get #isOver(): boolean {
    return this.#how.signal?.aborted ?? false;
  }

  /** Null: nothing new. */
  #take({ event, id, data }: ParsedEvent): AnswerEvent | null {
    if (!EVENTS.has(event)) return null;
    const taken = { event, id, data: JSON.parse(data) } as AnswerEvent;
    if (taken.event === 'delta' && !isNew(taken.data, this.#at)) return null;
    if (taken.event === 'completed' && this.#lacks(taken.data.bytes)) {
      return this.#begin(taken.data.attempt);
    }
    this.#retry.reset();
    this.#patience.reset();
    this.#note(taken);
    return taken;
  }

  /** The text does not have the announced length. It is read again, once. */
  #lacks(bytes: number): boolean {
    return this.#bytes !== null && this.#bytes !== bytes && !this.#isRepaired;
  }

  #begin(attempt: number): AnswerEvent {
    this.#isRepaired = true;
    this.#lastId = '';
    this.#at = BEGINNING;
    return { event: 'reset', id: `${attempt}-0`, data: { attempt } };
  }

  #note({ event, id, data }: AnswerEvent): void {
    if (id !== '') this.#lastId = id;
    if (event === 'reset') {
      this.#at = { attempt: data.attempt, seq: 0 };
      this.#bytes = 0;
    }
    if (event === 'delta') {
      this.#at = { attempt: data.attempt, seq: data.seq };
      if (this.#bytes !== null) this.#bytes += utf8Length(data.text);
    }
  }

  #pause(atLeastMs: number | undefined): Promise<void> {
    const { signal } = this.#how;
    return new Promise((resolve) => {
      const end = () => this.#retry.now();
      const done = () => {
        signal?.removeEventListener('abort', end);
        resolve();
      };
      this.#retry.later(done, atLeastMs);
      signal?.addEventListener('abort', end, { once: true });
      if (signal?.aborted) end();
    });
  }
}

const isNew = ({ attempt, seq }: Cursor, at: Cursor): boolean =>
  attempt > at.attempt || (attempt === at.attempt && seq > at.seq);
