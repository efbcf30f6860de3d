import { quantile } from '../lab/quantile.js';
import type { Ask } from './book.js';
import { targetOf } from './deeds.js';
import { BAD, type Finding } from './finding.js';
import { clock } from './journal.js';
import { defectsLogged, keepLogs } from './node-watch.js';
import type { Scene } from './scene.js';
import type { SoakResult } from './soak.js';

/** Findings shown per kind. Further ones are only counted. */
const MOST_SHOWN = 15;

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)}s`;

function printCounts({ ledger, takeovers, scene, stallMs }: SoakResult): void {
  const { counts, attempts, screens } = ledger;
  console.table(
    Object.entries({ ...counts, screens, takeovers, 'bad exits': scene.badExits.length }).map(
      ([what, count]) => ({ what, count }),
    ),
  );
  console.log(`answers with more than one attempt: ${attempts.many}, at most ${attempts.most}`);
  console.log(`longest stall of the soak itself: ${seconds(stallMs)}`);
}

function printTimes({ scene }: SoakResult): void {
  const asks = [...scene.book.asks.values()];
  for (const [who, waited] of [
    ['answers that were begun at once', false],
    ['answers that waited in a queue', true],
  ] as const) {
    const times = asks.flatMap((ask) =>
      ask.waited === waited && ask.firstTextAt !== null ? [ask.firstTextAt - ask.at] : [],
    );
    const [middle, high] = [quantile(times, 0.5), quantile(times, 0.99)];
    console.log(
      `to the first text of ${times.length} ${who}: p50 ${seconds(middle)}, p99 ${seconds(high)}`,
    );
  }
}

/** Reasons of sends that were given up. */
function printRefusals({ scene }: SoakResult): void {
  const codes = [...scene.book.asks.values()].flatMap(({ refused }) => refused ?? []);
  for (const code of new Set(codes)) {
    console.log(`sends refused as ${code}: ${codes.filter((each) => each === code).length}`);
  }
}

function printMemory({ memory }: SoakResult): void {
  for (const [index, { node, mb, ageS }] of memory.after.entries()) {
    const before = memory.before[index];
    console.log(
      `${node}: ${before?.mb} MB at the age of ${before?.ageS}s, in the end ${mb} MB at the age of ${ageS}s`,
    );
  }
}

function printLogged({ scene }: SoakResult): void {
  for (const [text, lines] of defectsLogged(scene.stage.nodes)) {
    console.log(`logged as an error ${lines.length} times: ${text}`);
    for (const line of lines.slice(0, 3)) console.log(`  ${JSON.stringify(line)}`);
  }
}

/** Whether a deed has to do with a finding. */
function concerns({ key, deed, receipts, gone }: Ask, found: Finding): boolean {
  const id = found.answerId ?? 0;
  const isNamed = receipts.some(({ questionId, answerId }) => questionId === id || answerId === id);
  return key === found.key || isNamed || targetOf(deed) === id || gone.has(id);
}

function describeAsk({
  key,
  at,
  endedAt,
  phone,
  manner,
  deed,
  receipts,
  refused,
  gone,
}: Ask): string {
  const reply = receipts.length > 0 ? JSON.stringify(receipts) : refused;
  const took = gone.size > 0 ? ` took ${[...gone].join()}` : '';
  const how = deed.kind === 'send' ? (deed.how ?? '') : '';
  const what = `${deed.kind} ${how}${targetOf(deed) ?? ''} in ${deed.conversationId}`;
  return `  ${clock(at)}-${clock(endedAt)} ${key} ${what} on ${phone} (${manner}): ${reply}${took}`;
}

/** One finding, with its history. */
function explain(found: Finding, { book, model, journal }: Scene) {
  const { bad, key, answerId, what } = found;
  const asks = [...book.asks.values()].filter((each) => concerns(each, found));
  const calls = model.calls.get(key ?? '') ?? [];
  const stoppedAt = book.stops.get(answerId ?? 0);
  const times = [...asks.map(({ at }) => at), ...calls.map(({ at }) => at)];
  return [
    `${bad.toUpperCase()} ${key} message ${answerId}: ${what}`,
    ...asks.map(describeAsk),
    stoppedAt !== undefined && `  stopped at ${clock(stoppedAt)}`,
    ...calls.map(
      ({ at, plan, kept, toldToTheEnd }, i) =>
        `  call ${i + 1} at ${clock(at)}: ${plan.ending}, ${plan.pieces.length} pieces, ${toldToTheEnd ? 'told' : 'broken off by the node'}${kept === null ? '' : `, goes on after ${JSON.stringify(kept.slice(-20))}`}`,
    ),
    ...(times.length > 0
      ? journal
          .around(Math.min(...times), Math.max(...times) + 15_000)
          .map((line) => `  fault ${line}`)
      : []),
  ].filter((line) => typeof line === 'string');
}

function printFindings(result: SoakResult): void {
  for (const bad of BAD) {
    const all = result.ledger.findings.filter((each) => each.bad === bad);
    for (const each of all.slice(0, MOST_SHOWN))
      console.log(explain(each, result.scene).join('\n'));
    if (all.length > MOST_SHOWN) console.log(`and ${all.length - MOST_SHOWN} more of ${bad}`);
  }
}

/** Nothing is lost, doubled or wrong, no node ended by itself, and no defect was logged. */
export const isClean = ({ ledger, scene }: SoakResult): boolean =>
  ledger.findings.length === 0 &&
  scene.badExits.length === 0 &&
  defectsLogged(scene.stage.nodes).size === 0;

/** Prints the ledger. Resolves to whether all is well. */
export async function report(result: SoakResult): Promise<boolean> {
  const { scene, ledger } = result;
  console.table([...scene.journal.counts].map(([what, count]) => ({ what, count })));
  printMemory(result);
  printTimes(result);
  printRefusals(result);
  printLogged(result);
  for (const exit of scene.badExits) console.log(exit);
  printFindings(result);
  printCounts(result);
  if (isClean(result)) return true;
  console.log(`logs: ${await keepLogs(scene.stage.nodes, ledger)}`);
  return false;
}
