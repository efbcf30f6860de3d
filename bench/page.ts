import type { Browser } from 'playwright-core';
import { startUpstream } from '../lab/models/scripted-upstream.js';
import { type Account, registerAt } from '../lab/people/rest.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { storeConversation } from '../lab/stores/long-conversation.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { openBrowser } from './support/browser.js';
import { buildProduct } from './support/build.js';
import { measureBare, measureBytes, measureOpen } from './support/page-loads.js';
import type { Probed } from './support/page-probe.js';
import { measureRun, nameOf, type PageRun, type Stage } from './support/page-runs.js';
import { pastAnswer } from './support/page-texts.js';
import { startMeasured } from './support/script.js';
import { nodeEnv } from './support/subjects.js';

/** Seconds that the prose takes. Fewer make all answers shorter, for work on them. */
const WHOLE_SECONDS = 80;
const SECONDS = Number(process.env.BENCH_SECONDS ?? WHOLE_SECONDS);
const MANY = 10_000;
const RUNS: readonly PageRun[] = [
  { kind: 'prose', slower: 1, messages: 300 },
  { kind: 'prose', slower: 4, messages: 300 },
  { kind: 'prose', slower: 4, messages: MANY },
  { kind: 'list', slower: 1, messages: 300 },
  { kind: 'table', slower: 1, messages: 300 },
  { kind: 'code', slower: 1, messages: 300 },
];
const SMALL_RUNS: readonly PageRun[] = [{ kind: 'prose', slower: 1, messages: 4 }];
const SMALL_SHARE = 0.003;
const PAST = { question: 'A question about the river, number {n}', answer: pastAnswer() };

/** Some benches only: `BENCH_SECONDS=10 BENCH_SUBJECTS=prose-4x@300,load npm run bench -- page`. */
const CHOSEN = process.env.BENCH_SUBJECTS?.split(',');
const isChosen = (name: string): boolean => CHOSEN?.includes(name) ?? true;

const FIGURES: Record<keyof Probed, [table: string, unit: string]> = {
  busy: ['page-busy', '% of the main thread, at N times slower, with @N messages'],
  script: ['page-script', '% of the main thread'],
  style: ['page-style', '% of the main thread'],
  layout: ['page-layout', '% of the main thread'],
  longTasks: ['page-long-tasks', 'tasks above 50 ms in one answer'],
  frameP95: ['page-frames', 'ms, p95 between frames'],
  keyP95: ['page-keys', 'ms, p95 from a key to the frame that shows it'],
};

function tablesOf(found: ReadonlyMap<string, readonly Probed[]>): Results {
  return Object.fromEntries(
    Object.entries(FIGURES).map(([figure, [table, unit]]) => {
      const rows = [...found].map(([name, probed]) => [
        name,
        rowOf(probed.map((one) => one[figure as keyof Probed])),
      ]);
      return [table, { unit, rows: Object.fromEntries(rows) }];
    }),
  );
}

/** Rounds, so that disturbances of the machine spread over all runs. */
async function measureRuns(stage: Stage, runs: readonly PageRun[], times: number) {
  const found = new Map(runs.map((run) => [nameOf(run), [] as Probed[]]));
  for (let i = 0; i < times; i++)
    for (const run of runs) found.get(nameOf(run))?.push(await measureRun(stage, run));
  return tablesOf(found);
}

async function measureLoads(browser: Browser, url: string, account: Account, times: number) {
  const open: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
  const bytes: number[] = [];
  for (let i = 0; i < times; i++) {
    open.ours.push(await measureOpen(browser, url, account));
    open.bare.push(await measureBare(browser));
    bytes.push(await measureBytes(browser, url));
  }
  const rows: Record<string, Row> = { ours: rowOf(open.ours), bare: rowOf(open.bare) };
  return {
    'page-open': { unit: 'ms to the message box, empty cache, 1.6 Mbit/s, 4 times slower', rows },
    'page-bytes': { unit: 'kB up to the login form, empty cache', rows: { ours: rowOf(bytes) } },
  };
}

/** The page in a real browser: while answers stream, and from an empty cache. */
export async function page(small: boolean): Promise<Results> {
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startUpstream(),
    buildProduct(),
  ]);
  const env = nodeEnv(database.url, upstream.url.replace(/\/v1$/, ''));
  const node = await startMeasured('dist/index.js', env);
  const browser = await openBrowser();
  try {
    const account = await registerAt(node.url, 'reader');
    const runs = (small ? SMALL_RUNS : RUNS).filter((run) => isChosen(nameOf(run)));
    const conversations = new Map<number, number>();
    for (const messages of new Set(runs.map((run) => run.messages)))
      conversations.set(
        messages,
        await storeConversation(database.url, { userId: account.id, messages, ...PAST }),
      );
    const share = small ? SMALL_SHARE : SECONDS / WHOLE_SECONDS;
    const stage = { browser, upstream, url: node.url, account, conversations, share };
    const times = SECONDS < WHOLE_SECONDS ? 1 : repeatsOf(small);
    return {
      ...(await measureRuns(stage, runs, times)),
      ...(isChosen('load') ? await measureLoads(browser, node.url, account, repeatsOf(small)) : {}),
    };
  } finally {
    await browser.close();
    await node.stop();
    await upstream.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
