import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import type { Account } from '../../lab/people/rest.js';
import { loggedIn, type Seat, seatIn } from './browser.js';

/** A slow phone on a slow network. */
const PHONE = { slower: 4, bitsPerSecond: 1_600_000 };
const SHOWN = `new Promise((resolve) => {
  const look = () => {
    const box = document.querySelector('textarea');
    if (box === null || box.offsetHeight === 0) requestAnimationFrame(look);
    else resolve(performance.now());
  };
  look();
})`;
const BARE = '<!doctype html><title>Bare</title><textarea aria-label="Message"></textarea>';

async function timeToBox({ page }: Seat, url: string): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' });
  return (await page.evaluate(SHOWN)) as number;
}

/** ms to the message box of somebody who is logged in. */
export async function measureOpen(
  browser: Browser,
  url: string,
  account: Account,
): Promise<number> {
  const context = await loggedIn(browser, url, account);
  const seat = await seatIn(context, PHONE);
  try {
    return await timeToBox(seat, `${url}/`);
  } finally {
    await context.close();
  }
}

/** The same for a page that is nothing but a box. */
export async function measureBare(browser: Browser): Promise<number> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(BARE);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const context = await browser.newContext();
  try {
    const { port } = server.address() as AddressInfo;
    return await timeToBox(await seatIn(context, PHONE), `http://127.0.0.1:${port}/`);
  } finally {
    await context.close();
    server.close();
  }
}

/** Kilobytes that arrive until somebody who is new can log in, headers included. */
export async function measureBytes(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ locale: 'en-US' });
  try {
    const { page, cdp } = await seatIn(context, {});
    let bytes = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${url}/`);
    await page.getByRole('textbox', { name: 'Email' }).waitFor();
    await page.waitForLoadState('networkidle');
    return bytes / 1_000;
  } finally {
    await context.close();
  }
}
