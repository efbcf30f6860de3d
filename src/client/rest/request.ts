import type { Problem } from '../../contract/errors.js';
import { fromProblem, ParleyError, unreachable } from '../parley-error.js';
import { patientTimer } from '../time/patient-timer.js';

/** Options of `createRest`. */
export interface RestOptions {
  /** Origin of the server; empty in a page that it served itself. */
  url: string;
  /** The current access token, or a key; null: the browser's cookies. */
  token(): string | null;
  /** BCP 47 language of error texts. */
  language?(): string;
  /** Longest wait for a response, in ms. */
  timeoutMs: number;
  /** Gets credentials newer than that moment of `performance.now()`. A call whose token had expired is then repeated. */
  renew?(thanMs: number): Promise<void>;
  /** Replaces the platform's `fetch`, for instance by that of `expo/fetch`, which can stream. */
  fetch?: typeof fetch;
}

export interface RestCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  upload?: { file: Blob };
  /** Takes the body, which is JSON unless `read` says otherwise. */
  read?: (response: Response) => Promise<unknown>;
  /** The body takes its time: only `signal` ends it. */
  isDownload?: true;
  headers?: Record<string, string>;
  /** Ends the call early. A file takes its time, so nothing else ends it while it is sent or read. */
  signal?: AbortSignal | undefined;
}

/** One call, repeated with newer credentials if its token had expired. */
export async function request<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const { renew } = options;
  if (renew === undefined || path.startsWith('/auth/')) return ask<T>(options, path, init);
  const began = performance.now();
  return ask<T>(options, path, init).catch(async (error: unknown) => {
    if (!(error instanceof ParleyError) || error.code !== 'token_expired') throw error;
    await renew(began);
    return ask<T>(options, path, init);
  });
}

async function ask<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const limit = limitTime(init.upload ? null : options.timeoutMs, init.signal);
  const send = options.fetch ?? fetch;
  try {
    const response = await reached(
      send(`${options.url}${path}`, {
        method: init.method ?? 'GET',
        headers: headers(options, init),
        credentials: options.token() === null ? 'include' : 'omit',
        signal: limit.signal,
        ...bodyOf(init),
      }),
    );
    if (!response.ok) throw refusal(response, await response.json().catch(() => null));
    if (init.isDownload) limit.lift();
    return (await reached(init.read?.(response) ?? response.json())) as T;
  } finally {
    limit.end();
  }
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
function limitTime(ms: number | null, outer?: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = ms === null ? undefined : patientTimer(abort, ms);
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort, { once: true });
  /** Leaves it to `outer` alone to end the call. */
  const lift = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    lift,
    /** The call is over. `outer` may live much longer. */
    end: () => {
      lift();
      outer?.removeEventListener('abort', abort);
    },
  };
}

function headers(options: RestOptions, init: RestCall): Record<string, string> {
  const token = options.token();
  const language = options.language?.();
  return {
    Accept: 'application/json',
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(language === undefined ? {} : { 'Accept-Language': language }),
    ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...init.headers,
  };
}

/** A proxy's response has no problem body. It counts as a server that is away. */
function refusal(response: Response, body: unknown): ParleyError {
  if (isProblem(body)) return fromProblem(body);
  return unreachable(new Error(`HTTP ${response.status}`));
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;

/** React Native's `URLSearchParams` takes no entries and reads none. */
export function search(query: object): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = entries.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return text === '' ? '' : `?${text}`;
}
