import { setTimeout as sleep } from 'node:timers/promises';
import { APIError } from 'openai';
import type { RequestGate } from '../../../ports/completion-provider.js';
import { scopeOf } from './refusal-scope.js';

const BASE_MS = 500;
const MAX_BACKOFF_MS = 8_000;
/** A server that asks for a longer wait is not retried: a user is looking at an empty answer. */
const MAX_RETRY_AFTER_MS = 60_000;

export interface RetryOptions {
  retries: number;
  signal: AbortSignal;
  onWait: () => void;
  /** Called on 429 with `Retry-After`. The next try then waits in `work`, together with those of other answers. */
  gate: RequestGate | undefined;
  /** The requested model. */
  model: string;
}

/** The SDK retries by itself, but its waiting cannot be aborted and outlives the call. */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, signal, onWait, gate, model }: RetryOptions,
): Promise<T> {
  for (let failed = 0; ; failed++) {
    try {
      return await work();
    } catch (error) {
      onWait();
      const heldBack = await holdBack(error, { gate, model });
      const delay = failed < retries && !signal.aborted ? retryDelay(error, failed) : null;
      if (delay === null) throw error;
      if (!heldBack) await sleep(delay, undefined, { signal });
    }
  }
}

/**
 * A 503 may concern one server behind a balancer. A 429 concerns all requests of this deployment to the model or the
 * account.
 */
async function holdBack(
  error: unknown,
  { gate, model }: Pick<RetryOptions, 'gate' | 'model'>,
): Promise<boolean> {
  if (!gate || !(error instanceof APIError) || error.status !== 429) return false;
  const asked = retryAfter(error.headers);
  if (asked === null) return false;
  await gate.refused(asked, scopeOf(error, model));
  return true;
}

/** Null: a retry is useless. */
function retryDelay(error: unknown, failed: number): number | null {
  if (!(error instanceof APIError) || !isTransient(error)) return null;
  const asked = retryAfter(error.headers);
  if (asked !== null) return asked <= MAX_RETRY_AFTER_MS ? asked : null;
  const backoff = Math.min(BASE_MS * 2 ** failed, MAX_BACKOFF_MS);
  return backoff * (1 - Math.random() / 4);
}

function isTransient({ status, headers }: APIError): boolean {
  if (headers?.get('x-should-retry') === 'false') return false;
  if (status === undefined) return true;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** RFC 9110 section 10.2.3: seconds or a date. `retry-after-ms` is OpenAI's own. */
function retryAfter(headers: Headers | undefined): number | null {
  const ms = Number(headers?.get('retry-after-ms') || Number.NaN);
  if (ms >= 0) return ms;
  const value = headers?.get('retry-after');
  if (!value) return null;
  const wait = /^[\d.]+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
