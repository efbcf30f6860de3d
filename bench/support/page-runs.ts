import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Upstream } from '../../lab/models/scripted-upstream.js';
import type { Account } from '../../lab/people/rest.js';
import { loggedIn, type Seat, seatIn } from './browser.js';
import { writing } from './page-model.js';
import { type Probed, probe } from './page-probe.js';
import { TEXTS, type TextKind } from './page-texts.js';

export interface PageRun {
  kind: TextKind;
  /** How many times slower than this machine the page runs. */
  slower: number;
  /** Messages above the answer, all of them loaded. */
  messages: number;
}

export interface Stage {
  browser: Browser;
  upstream: Upstream;
  url: string;
  account: Account;
  /** The conversation with so many messages. */
  conversations: ReadonlyMap<number, number>;
  /** Share of the length of the answers. */
  share: number;
}

/** A token is 4 characters. Blocks come at 8,000 characters a second. */
const RATES = {
  prose: { size: 4, perSecond: 100 },
  list: { size: 40, perSecond: 200 },
  table: { size: 40, perSecond: 200 },
  code: { size: 40, perSecond: 200 },
};
export const nameOf = ({ kind, slower, messages }: PageRun): string =>
  `${kind}-${slower}x@${messages}`;

const KEY_EVERY_MS = 200;
/** A directory for traces, which the developer tools of Chromium show. */
const TRACES = process.env.BENCH_TRACES;
const TRACED = ['devtools.timeline', 'disabled-by-default-v8.cpu_profiler', 'v8.execute'];
/**
 * The newest answer, if it has ended: the others leave the document when they are far from the view. Asked now and then: a
 * locator that waits would look at each frame.
 */
const ENDED = `[...document.querySelectorAll('.message-assistant')]
  .slice(-1).filter((last) => !last.matches('.is-live')).map(({ id }) => id).join()`;
const LOOK_EVERY_MS = 250;

/** Clicks through all pages of older messages. */
const LOAD_ALL = `new Promise((resolve) => {
  const next = () => {
    const more = document.querySelector('button.load-older');
    if (more === null) resolve();
    else {
      more.click();
      setTimeout(next, 5);
    }
  };
  next();
})`;

async function untilAnswered(page: Page, before: unknown): Promise<void> {
  for (let ended: unknown = ''; ended === '' || ended === before; ) {
    await sleep(LOOK_EVERY_MS);
    ended = await page.evaluate(ENDED);
  }
}

/** Types until the answer has ended. */
async function typeWhile({ page, cdp }: Seat, ended: Promise<unknown>): Promise<void> {
  let going = true;
  const end = ended.finally(() => {
    going = false;
  });
  while (going) {
    const pause = new Promise((resolve) => setTimeout(resolve, KEY_EVERY_MS));
    for (const type of ['keyDown', 'keyUp'] as const)
      await cdp.send('Input.dispatchKeyEvent', {
        type,
        key: 'a',
        text: type === 'keyDown' ? 'a' : '',
      });
    await Promise.race([pause, end]);
  }
  await end;
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
}

/** One answer that streams into a conversation while somebody types the next question. */
export async function measureRun(stage: Stage, run: PageRun): Promise<Probed> {
  const { browser, upstream, url, account, conversations, share } = stage;
  const context = await loggedIn(browser, url, account);
  try {
    const seat = await seatIn(context, {});
    const { page, cdp } = seat;
    await page.goto(`${url}/#/c/${conversations.get(run.messages)}`);
    await page.locator('.message-assistant .answer-tools').last().waitFor({ state: 'attached' });
    await page.evaluate(LOAD_ALL);
    await page.evaluate(`document.querySelector('.scroller').scrollTo(0, 1e9)`);
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.fill('Go');
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: run.slower });
    upstream.script(writing(TEXTS[run.kind](share), RATES[run.kind]));
    const before = await page.evaluate(ENDED);
    if (TRACES !== undefined)
      await browser.startTracing(page, {
        path: `${TRACES}/${nameOf(run)}.json`,
        categories: TRACED,
      });
    const probed = await probe(page, cdp, async () => {
      await composer.press('Enter');
      await typeWhile(seat, untilAnswered(page, before));
    });
    if (TRACES !== undefined) await browser.stopTracing();
    return probed;
  } finally {
    await context.close();
  }
}
