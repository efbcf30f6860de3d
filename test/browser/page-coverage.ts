import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { added, type Range, type Steps, stepsOf } from '../../scripts/mutants/coverage.js';

/** The page's own files. A worker's are of another target. */
const ASSET = /^https?:\/\/[^/]+\/assets\/(.+\.js)$/;

interface Script {
  url: string;
  functions: { ranges: Range[] }[];
}

/** Each process adds to a file of its own, and does not wait in between. */
function record(directory: string, scripts: readonly Script[]): void {
  const path = join(directory, `${process.pid}.json`);
  const known: Record<string, Steps> = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : {};
  for (const { url, functions } of scripts) {
    const name = ASSET.exec(url)?.[1];
    if (name === undefined) continue;
    const steps = stepsOf(functions.flatMap(({ ranges }) => ranges));
    known[name] = added(known[name] ?? [], steps);
  }
  writeFileSync(path, JSON.stringify(known));
}

async function follow(page: Page, directory: string): Promise<() => Promise<void>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Profiler.enable');
  await cdp.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  // Counts begin again at 0 each time. A page that has crashed tells nothing.
  const take = () =>
    cdp.send('Profiler.takePreciseCoverage').then(
      ({ result }) => record(directory, result),
      () => {},
    );
  const close = page.close.bind(page);
  page.close = async (options) => {
    await take();
    await close(options);
  };
  return take;
}

/** Records what the pages of this context execute, in a run for coverage. */
export async function coveredContext(context: BrowserContext): Promise<BrowserContext> {
  const directory = process.env.TEST_PAGES_COVERED;
  if (directory === undefined) return context;
  const takes = await Promise.all(context.pages().map((page) => follow(page, directory)));
  const newPage = context.newPage.bind(context);
  context.newPage = async () => {
    const page = await newPage();
    takes.push(await follow(page, directory));
    return page;
  };
  const close = context.close.bind(context);
  context.close = async (options) => {
    await Promise.all(takes.splice(0).map((take) => take()));
    await close(options);
  };
  return context;
}

/** The same for all contexts of a browser. */
export function coveredBrowser(browser: Browser): Browser {
  if (process.env.TEST_PAGES_COVERED === undefined) return browser;
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => coveredContext(await newContext(options));
  const close = browser.close.bind(browser);
  browser.close = async (options) => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await close(options);
  };
  return browser;
}
