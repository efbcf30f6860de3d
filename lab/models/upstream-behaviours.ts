import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Behaviour,
  DONE,
  event,
  finishChunk,
  openEventStream,
  roleChunk,
  textChunk,
  type UpstreamUsage,
  usageChunk,
} from './upstream-wire.js';

export interface AnswerOptions {
  /** Default: `stop`. */
  finishReason?: string;
  /** The usage that is sent if the request asks for it; null: never. */
  usage?: UpstreamUsage | null;
}

const USAGE: UpstreamUsage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const HALF_EVENT = 'data: {"choices":[{"index":0,"delta":{"cont';
const list = (text: string | string[]) => (typeof text === 'string' ? [text] : text);
const stream = (text: string | string[]) => roleChunk() + list(text).map(textChunk).join('');

function wholeStream(
  text: string | string[],
  { finishReason = 'stop', usage = USAGE }: AnswerOptions,
) {
  return stream(text) + finishChunk(finishReason) + (usage ? usageChunk(usage) : '') + DONE;
}

/** The whole answer at once, with one content chunk per piece. */
export function answer(text: string | string[], options: AnswerOptions = {}): Behaviour {
  return (response) => {
    openEventStream(response);
    response.end(wholeStream(text, options));
  };
}

/** Repeats the last question: `echo: <last user message>`, in pieces of `size` characters. */
export function echo(size = 4): Behaviour {
  return (response, request) => {
    const asked = request.body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const characters = [...`echo: ${asked}`];
    const pieces: string[] = [];
    while (characters.length > 0) pieces.push(characters.splice(0, size).join(''));
    return answer(pieces)(response, request);
  };
}

/** An error status with an OpenAI-shaped body. */
export function status(
  code: number,
  options: {
    message?: string;
    param?: string;
    headers?: Record<string, string>;
    body?: string;
  } = {},
): Behaviour {
  const { message = `scripted ${code}`, param = null, headers = {} } = options;
  const error = { message, type: 'scripted', param, code: null };
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(options.body ?? JSON.stringify({ error }));
  };
}

export const rateLimited = (retryAfterSeconds: number): Behaviour =>
  status(429, { headers: { 'retry-after': String(retryAfterSeconds) } });

/** Takes the request and never responds. */
export const hangBeforeHeaders = (): Behaviour => () => {};

/** Sends headers and the pieces, then falls silent on an open connection. */
export const hangAfter = (text: string | string[]): Behaviour =>
  rawStream(stream(text), { open: true });

/** Ends the response properly, but in the middle of an event's JSON. */
export const endInJson = (text: string | string[]): Behaviour =>
  rawStream(stream(text) + HALF_EVENT);

/** Cuts the connection in the middle of an event's JSON. */
export const cutInJson =
  (text: string | string[]): Behaviour =>
  (response) => {
    openEventStream(response);
    response.write(stream(text) + HALF_EVENT);
    response.socket?.destroySoon();
  };

/** Closes the connection before any header. */
export const refuse = (): Behaviour => (response) => {
  response.socket?.destroy();
};

export const endWithoutFinish = (text: string | string[]): Behaviour => rawStream(stream(text));

/** `[DONE]` without a finish reason. */
export const doneWithoutFinish = (text: string | string[]): Behaviour =>
  rawStream(stream(text) + DONE);

export const dataError = (text: string | string[], message = 'scripted error'): Behaviour =>
  rawStream(stream(text) + event({ error: { message, type: 'server_error', code: 500 } }));

export const html = (): Behaviour => (response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>Sign in</title><p>Please sign in to the proxy');
};

/** A proper end, except that the connection stays open. */
export const doneOnOpenConnection = (
  text: string | string[],
  options: AnswerOptions = {},
): Behaviour => rawStream(wholeStream(text, options), { open: true });

/** A finish reason, then neither usage nor `[DONE]`, on an open connection. */
export const finishOnOpenConnection = (text: string | string[]): Behaviour =>
  rawStream(stream(text) + finishChunk('stop'), { open: true });

/** One content chunk of `chars` characters. */
export const bigChunk = (chars: number): Behaviour => answer('x'.repeat(chars));

/** A proper answer in packets of one byte. */
export const byteByByte =
  (text: string | string[]): Behaviour =>
  async (response) => {
    openEventStream(response);
    for (const byte of Buffer.from(wholeStream(text, {}))) {
      response.write(Buffer.of(byte));
      await nextTurn();
    }
    response.end();
  };

/** A whole `chat.completion`, although a stream was requested. */
export const wholeJson =
  (text: string, { finishReason = 'stop', usage = USAGE }: AnswerOptions = {}): Behaviour =>
  (response) => {
    const message = { role: 'assistant', content: text };
    const choices = [{ index: 0, message, finish_reason: finishReason }];
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ object: 'chat.completion', choices, usage }));
  };

/** Status 200 with exactly these bytes and headers. */
export const body =
  (bytes: string | Buffer, headers: Record<string, string> = {}): Behaviour =>
  (response) => {
    response.writeHead(200, headers);
    response.end(bytes);
  };

/** An event stream of exactly these bytes. `open` leaves the connection open. */
export function rawStream(bytes: string | Buffer, options: { open?: boolean } = {}): Behaviour {
  return (response) => {
    openEventStream(response);
    response.write(bytes);
    if (!options.open) response.end();
  };
}
