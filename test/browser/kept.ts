import type { BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';

export const WITH_WORKER: BrowserContextOptions = { serviceWorkers: 'allow' };

const READ_ALL = `(async () => {
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === 'parley-offline')) return '[[],[],[]]';
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open('parley-offline'));
  const names = ['conversations', 'lists', 'unsent'];
  const stores = database.transaction(names);
  const all = await Promise.all(names.map((name) => done(stores.objectStore(name).getAll())));
  database.close();
  return JSON.stringify(all);
})()`;

/** All that the browser keeps for reading without a server: conversations, lists, unsent messages. */
export const keptIn = (page: Page): Promise<string> => page.evaluate(READ_ALL);

/** Asks until it is true. The page's policy lets no test wait inside the page. */
export const holds = (page: Page, condition: string) =>
  eventually(() => page.evaluate<boolean>(condition), Boolean, 20_000);

/** The worker is in charge of the page, with all that it needs without a server. */
export const untilInCharge = (page: Page) =>
  holds(page, 'navigator.serviceWorker.controller?.state === "activated"');

/** The worker is in charge, and the copies fit. */
export async function untilKept(page: Page, fits: (kept: string) => boolean): Promise<void> {
  await untilInCharge(page);
  await eventually(() => keptIn(page), fits, 20_000);
}
