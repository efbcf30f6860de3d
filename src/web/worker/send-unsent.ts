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
  try {
    const waiting = await database.getAll('unsent');
    for (const { user, entry } of waiting.sort((a, b) => a.at - b.at)) {
      const isStillThere = (await database.getKey('unsent', entry.client_id)) !== undefined;
      // Another person may have logged in on this browser, and their cookies must not send it.
      if (!isStillThere || (await rest.me()).id !== user) continue;
      await send(rest, entry);
      await database.delete('unsent', entry.client_id);
    }
  } finally {
    database.close();
  }
}

/** A message that the server refuses for good stays in the page's own store, and the page says why. */
async function send(rest: Rest, entry: Parameters<Rest['send']>[0]): Promise<void> {
  await rest.send(entry).catch((error: unknown) => {
    if (!(error instanceof ParleyError) || error.retryable) throw error;
  });
}
