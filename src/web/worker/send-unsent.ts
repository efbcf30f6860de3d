import type { OutboxEntry } from '../../client/outbox/outbox.js';
import { ParleyError } from '../../client/parley-error.js';
import { createCredentials } from '../../client/rest/credentials.js';
import { createRest, type Rest } from '../../client/rest/rest.js';
import { shareRefresh } from '../../client/rest/shared-refresh.js';
import { openDatabase } from '../state/offline/database.js';

const TIMEOUT_MS = 20_000;

/**
 * Sends the messages that the pages of this browser could not send. A page may send the same at the same time, because
 * the server stores each `client_id` once. Rejects if the browser shall try again later.
 */
export async function sendUnsent(): Promise<void> {
  const tabs = shareRefresh();
  const credentials = createCredentials({ tabs }, () => rest);
  const renew = (thanMs: number) => credentials.renew(thanMs);
  const rest: Rest = createRest({ url: '', token: () => null, timeoutMs: TIMEOUT_MS, renew });
  credentials.open();
  try {
    await sendAll(rest);
  } catch (error) {
    // The session has ended: the page says so when it is opened.
    if (!(error instanceof ParleyError) || error.retryable) throw error;
  } finally {
    credentials.close();
  }
}

async function sendAll(rest: Rest): Promise<void> {
  const database = await openDatabase();
  /** Why the server refuses a message for now, by conversation: what follows there keeps its order. */
  const refusals = new Map<number | symbol, ParleyError>();
  try {
    const waiting = await database.getAll('unsent');
    for (const { user, entry } of waiting.sort((a, b) => a.at - b.at)) {
      const isStillThere = (await database.getKey('unsent', entry.client_id)) !== undefined;
      const place = entry.conversation_id ?? Symbol('new');
      // Another person may have logged in on this browser, and their cookies must not send it.
      if (!isStillThere || refusals.has(place) || (await rest.me()).id !== user) continue;
      const refusal = await send(rest, entry);
      if (refusal === null) await database.delete('unsent', entry.client_id);
      else refusals.set(place, refusal);
    }
  } finally {
    database.close();
  }
  for (const refusal of refusals.values()) throw refusal;
}

/**
 * Resolves to why the server refuses a message for now. One that it refuses for good stays in the page's own store, and
 * the page says why. Rejects without a server.
 */
async function send(rest: Rest, entry: OutboxEntry): Promise<ParleyError | null> {
  try {
    await rest.send(entry);
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code === 'unavailable') throw error;
    if (error.retryable) return error;
  }
  return null;
}
