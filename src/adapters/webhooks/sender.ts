import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { hostOf, problemOfTarget } from '../../config/webhook-target.js';
import { afterReads } from '../../domain/after-reads.js';
import type { Post, Reply, WebhookSender } from '../../ports/webhook-sender.js';
import {
  checked,
  InnerAddress,
  lookupBy,
  type Resolve,
  resolveAny,
  resolvePublic,
} from './resolve.js';

export interface SenderOptions {
  allowPrivate: boolean;
  /** Finds the addresses of a name. */
  resolve?: Resolve;
  timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** How long the creation of a webhook waits for a name server. */
const CHECK_MS = 2_000;
/** No more is read: only the status of a response is used. */
const MOST_BODY_BYTES = 16_384;
const MOST_RETRY_AFTER_S = 3_600;
const USER_AGENT = 'Parley-Webhooks';

/**
 * Sends to addresses that users chose. No connection is used twice, so each one's address was checked for its request.
 */
export function createWebhookSender({
  allowPrivate,
  resolve = allowPrivate ? resolveAny : resolvePublic(),
  timeoutMs = TIMEOUT_MS,
}: SenderOptions): WebhookSender {
  const find = allowPrivate ? resolve : checked(resolve);
  const connect = { lookup: lookupBy(find), timeout: timeoutMs };

  async function leadsInside(url: URL): Promise<boolean> {
    const over = new AbortController();
    const look = find(hostOf(url)).then(
      () => false,
      (error: unknown) => error instanceof InnerAddress,
    );
    const late = sleep(Math.min(CHECK_MS, timeoutMs), false, { signal: over.signal }).catch(
      () => false,
    );
    return Promise.race([look, late]).finally(() => over.abort());
  }

  return {
    async refusal(text) {
      const problem = problemOfTarget(text, allowPrivate);
      if (problem) return `target.${problem}`;
      if (allowPrivate) return null;
      return (await leadsInside(new URL(text))) ? 'target.host' : null;
    },

    async post(post) {
      if (problemOfTarget(post.url, allowPrivate))
        return { status: null, problem: 'refused address' };
      const client = new Client(new URL(post.url).origin, { connect, pipelining: 0 });
      const limit = limitOf(post.signal, timeoutMs);
      try {
        return await exchange(client, post, limit.signal);
      } catch (error) {
        return { status: null, problem: problemOf(error) };
      } finally {
        limit.clear();
        // Not awaited, because a receiver may never end its response.
        void client.destroy().catch(() => {});
      }
    },
  };
}

class Late extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * A signal that ends with the caller's, or after `ms`. `AbortSignal.any` would keep some of each call until the
 * caller's ends.
 */
function limitOf(caller: AbortSignal, ms: number): { signal: AbortSignal; clear(): void } {
  const own = new AbortController();
  const onAbort = () => own.abort(caller.reason);
  const cancel = afterReads(() => own.abort(new Late('no response in time')), ms);
  caller.addEventListener('abort', onAbort);
  if (caller.aborted) onAbort();
  return {
    signal: own.signal,
    clear() {
      cancel();
      caller.removeEventListener('abort', onAbort);
    },
  };
}

async function exchange(
  client: Client,
  { url, headers, body }: Post,
  signal: AbortSignal,
): Promise<Reply> {
  const { pathname, search } = new URL(url);
  const response = await client.request({
    ...{ path: pathname + search, method: 'POST', body, signal },
    headers: { ...headers, 'user-agent': USER_AGENT },
  });
  const { statusCode: status } = response;
  await response.body.dump({ limit: MOST_BODY_BYTES, signal }).catch(() => {});
  const retryAfterMs = waitOf(response.headers['retry-after']);
  return { status, ...(retryAfterMs !== null && { retryAfterMs }) };
}

/** The value is understood only if it is in seconds. */
function waitOf(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) return null;
  return Math.min(Number(header), MOST_RETRY_AFTER_S) * 1_000;
}

/** The log gets a code, because messages contain addresses. */
function problemOf(error: unknown): string {
  if (error instanceof InnerAddress) return 'refused address';
  const { code, name } = Object(error);
  return String(code ?? name ?? 'unknown');
}
