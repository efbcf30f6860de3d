import type { Problem } from '../contract/errors.js';
import { fromProblem, ParleyError, unreachable } from './parley-error.js';

/** Options of `createRest`. */
export interface RestOptions {
  /** Origin of the server; empty in a page that it served itself. */
  url: string;
  /** The current access token; null: the browser's cookies. */
  token(): string | null;
  /** BCP 47 language of error texts. */
  language?(): string;
  /** Longest wait for a response, in ms. */
  timeoutMs: number;
  /** Gets credentials newer than that moment. A call whose token had expired is then repeated. */
  renew?(thanMs: number): Promise<void>;
}

export interface RestCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  upload?: { file: Blob };
  /** JSON unless said. */
  as?: 'blob' | 'page';
  /** Ends the call early. A file takes its time, so nothing else ends it while it is sent or read. */
  signal?: AbortSignal | undefined;
}

/** One call, repeated with newer credentials if its token had expired. */
export async function request<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const { renew } = options;
  if (renew === undefined || path.startsWith('/auth/')) return ask<T>(options, path, init);
  const began = Date.now();
  return ask<T>(options, path, init).catch(async (error: unknown) => {
    if (!(error instanceof ParleyError) || error.code !== 'token_expired') throw error;
    await renew(began);
    return ask<T>(options, path, init);
  });
}

async function ask<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const limit = new TimeLimit(init.upload ? null : options.timeoutMs, init.signal);
  try {
    const response = await reached(
      fetch(`${options.url}${path}`, {
        method: init.method ?? 'GET',
        headers: headers(options, init),
        credentials: options.token() === null ? 'include' : 'omit',
        signal: limit.signal,
        ...bodyOf(init),
      }),
    );
    if (!response.ok) throw refusal(response, await response.json().catch(() => null));
    return (await contentOf(response, init, limit)) as T;
  } finally {
    limit.end();
  }
}

function contentOf(response: Response, { as }: RestCall, limit: TimeLimit): Promise<unknown> {
  if (as === 'blob') {
    limit.lift();
    return reached(response.blob());
  }
  const body: Promise<unknown> = reached(response.json());
  return as === 'page' ? body.then((entries) => toPage(response, entries)) : body;
}

/** A page of a list: `next_cursor` is null at its end. */
export interface RestPage<T> {
  entries: T[];
  next_cursor: string | null;
}

/** The cursor stands in the `Link` header. */
function toPage(response: Response, entries: unknown): RestPage<unknown> {
  const [, query] = /<[^>]*\?([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
  const next_cursor = new URLSearchParams(query ?? '').get('cursor');
  return { entries: entries as unknown[], next_cursor };
}

/** A response that breaks off counts as a server that cannot be reached. */
const reached = <T>(content: Promise<T>): Promise<T> =>
  content.catch((error: unknown) => {
    throw unreachable(error);
  });

function bodyOf({ body, upload }: RestCall): { body?: string | FormData } {
  if (upload === undefined) return body === undefined ? {} : { body: JSON.stringify(body) };
  const form = new FormData();
  form.append('file', upload.file);
  return { body: form };
}

/** Ends a call after `ms` (null: never), or with `outer`. React Native lacks `AbortSignal.timeout` and `any`. */
class TimeLimit {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort();

  constructor(ms: number | null, outer?: AbortSignal) {
    this.#outer = outer;
    if (ms !== null) this.#timer = setTimeout(this.#abort, ms);
    const timer: unknown = this.#timer;
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref();
    if (outer?.aborted) this.#abort();
    outer?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on only `outer` ends the call. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** The call is over. `outer` may live much longer. */
  end(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#abort);
  }
}

function headers(options: RestOptions, init: RestCall): Record<string, string> {
  const token = options.token();
  const language = options.language?.();
  return {
    Accept: 'application/json',
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(language === undefined ? {} : { 'Accept-Language': language }),
    ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
}

/** A proxy's response has no problem body. It counts as a server that is away. */
function refusal(response: Response, body: unknown): ParleyError {
  if (isProblem(body)) return fromProblem(body);
  return unreachable(new Error(`HTTP ${response.status}`));
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;

export function search(query: object): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
