import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { quantile } from '../../lab/quantile.js';

/** Counts long tasks, the time from a key to the frame that shows it, and frames while it is asked to. */
const PROBE = `(() => {
  const found = { frames: [], keys: [], long: 0 };
  let wanted = 0;
  let last = 0;
  const frame = (now) => {
    if (last > 0) found.frames.push(now - last);
    last = now;
    wanted = requestAnimationFrame(frame);
  };
  const longTasks = new PerformanceObserver((list) => (found.long += list.getEntries().length));
  longTasks.observe({ type: 'longtask' });
  const keyed = ({ timeStamp }) =>
    requestAnimationFrame(() => setTimeout(() => found.keys.push(performance.now() - timeStamp)));
  addEventListener('keydown', keyed, true);
  window.probe = {
    watchFrames() {
      last = 0;
      wanted = requestAnimationFrame(frame);
    },
    ignoreFrames: () => cancelAnimationFrame(wanted),
    end() {
      cancelAnimationFrame(wanted);
      longTasks.disconnect();
      removeEventListener('keydown', keyed, true);
      return found;
    },
  };
})()`;
const PHASE_MS = 500;

const SHARES = {
  busy: 'TaskDuration',
  script: 'ScriptDuration',
  style: 'RecalcStyleDuration',
  layout: 'LayoutDuration',
};
type Shares = Record<keyof typeof SHARES, number>;

export interface Probed extends Shares {
  longTasks: number;
  frameP95: number;
  keyP95: number;
}

async function secondsOf(cdp: CDPSession): Promise<Shares> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  const { busy, script, style, layout } = SHARES;
  return {
    busy: value(busy),
    script: value(script),
    style: value(style),
    layout: value(layout),
  };
}

/** Adds up the work of the main thread, except while frames are watched: an empty frame costs as well. */
class Phases {
  readonly #page: Page;
  readonly #cdp: CDPSession;
  readonly #spent: Shares = { busy: 0, script: 0, style: 0, layout: 0 };
  #ms = 0;

  constructor(page: Page, cdp: CDPSession) {
    this.#page = page;
    this.#cdp = cdp;
  }

  /** Shares in per cent of the time. */
  get shares(): Shares {
    const share = (name: keyof Shares) => (100_000 * this.#spent[name]) / this.#ms;
    return {
      busy: share('busy'),
      script: share('script'),
      style: share('style'),
      layout: share('layout'),
    };
  }

  async run(ended: () => boolean): Promise<void> {
    while (!ended()) {
      await this.#spend();
      await this.#page.evaluate('probe.watchFrames()');
      await sleep(PHASE_MS);
      await this.#page.evaluate('probe.ignoreFrames()');
    }
  }

  async #spend(): Promise<void> {
    const begun = performance.now();
    const before = await secondsOf(this.#cdp);
    await sleep(PHASE_MS);
    const after = await secondsOf(this.#cdp);
    this.#ms += performance.now() - begun;
    for (const name of Object.keys(SHARES) as (keyof Shares)[])
      this.#spent[name] += after[name] - before[name];
  }
}

/** A page that shows nothing at all is as slow as the phases tell. */
const p95 = (values: readonly number[]): number =>
  values.length === 0 ? PHASE_MS : quantile(values, 0.95);

/** The work of the page while `run` runs. */
export async function probe(
  page: Page,
  cdp: CDPSession,
  run: () => Promise<void>,
): Promise<Probed> {
  await page.evaluate(PROBE);
  const phases = new Phases(page, cdp);
  let ended = false;
  const running = run().finally(() => {
    ended = true;
  });
  await Promise.all([running, phases.run(() => ended)]);
  const found: { frames: number[]; keys: number[]; long: number } =
    await page.evaluate('probe.end()');
  return {
    ...phases.shares,
    longTasks: found.long,
    frameP95: p95(found.frames),
    keyP95: p95(found.keys),
  };
}
