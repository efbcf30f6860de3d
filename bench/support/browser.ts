import {
  type Browser,
  type BrowserContext,
  type CDPSession,
  chromium,
  type Page,
} from 'playwright-core';
import { findChromium } from '../../lab/people/chromium.js';
import type { Account } from '../../lab/people/rest.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await findChromium(), args: FLAGS });

export interface Conditions {
  /** How many times slower than this machine. */
  slower?: number;
  /** Bandwidth of the network. */
  bitsPerSecond?: number;
}

export interface Seat {
  page: Page;
  cdp: CDPSession;
}

/** A tab under these conditions, with an empty cache. */
export async function seatIn(
  context: BrowserContext,
  { slower = 1, bitsPerSecond }: Conditions,
): Promise<Seat> {
  const page = await context.newPage();
  page.setDefaultTimeout(240_000);
  const cdp = await context.newCDPSession(page);
  // CPU time: other programs of the machine do not count.
  await cdp.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await cdp.send('Performance.enable');
  await cdp.send('Network.enable');
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slower });
  if (bitsPerSecond !== undefined) {
    const throughput = bitsPerSecond / 8;
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: throughput,
      uploadThroughput: throughput,
    });
  }
  return { page, cdp };
}

/** A browser profile with the cookies of somebody who has logged in. */
export async function loggedIn(
  browser: Browser,
  url: string,
  { email, password }: Account,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1280, height: 800 },
  });
  const response = await context.request.post(`${url}/auth/login`, {
    data: { email, password },
    headers: { origin: url },
  });
  const { user } = await response.json();
  await context.addInitScript(
    `localStorage.setItem('parley:user', ${JSON.stringify(JSON.stringify(user))})`,
  );
  return context;
}
