import { setMaxListeners } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultRunner } from './fault-runner.js';
import { describeFault, type Fault, scheduleFaults } from './faults.js';
import { clock } from './journal.js';
import type { Ledger } from './ledger.js';
import { type Memory, memoryOf } from './node-watch.js';
import { Random } from './random.js';
import { openScene, type Scene, type SceneOptions } from './scene.js';
import { TakeoverWatch, unfinished } from './stored.js';

export interface SoakOptions extends SceneOptions {
  /** Duration of the load and the faults. */
  ms: number;
  /** Ends it early, without a ledger. */
  signal?: AbortSignal;
}

export interface SoakResult {
  ledger: Ledger;
  /** Closed, but its records can still be read. */
  scene: Scene;
  takeovers: number;
  memory: { before: Memory[]; after: Memory[] };
  /** The longest time in ms for which this process itself was not running. */
  stallMs: number;
}

const HEAL_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 2_000;
const MEMORY_AFTER_MS = 15_000;

const pause = (ms: number, signal?: AbortSignal) =>
  sleep(ms, undefined, { ref: false, ...(signal && { signal }) }).catch(() => {});

/** Waits until nothing is unfinished and every screen agrees, within a time limit. */
async function settle({ people, stage, look }: Scene): Promise<Ledger> {
  const deadline = performance.now() + HEAL_WITHIN_MS;
  const settled = Promise.all(people.map((person) => person.settled()));
  await Promise.race([settled, pause(HEAL_WITHIN_MS / 2)]);
  while (performance.now() < deadline && (await unfinished(stage)) !== 0) await pause(500);
  for (;;) {
    const ledger = await look();
    // Events in the wrong order cannot heal.
    const mayHeal = ledger.findings.some(({ bad }) => bad !== 'disorder');
    if (!mayHeal || performance.now() > deadline) return ledger;
    await pause(LOOK_EVERY_MS);
  }
}

/** Load and faults for `ms`, then no more faults. Resolves to the nodes' memory at the beginning. */
async function strain(scene: Scene, faults: readonly Fault[], ms: number, signal?: AbortSignal) {
  const { stage, journal, people } = scene;
  const runner = new FaultRunner(stage, journal);
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  const load = people.map((person) => person.run(end.signal));
  const memory = pause(Math.min(MEMORY_AFTER_MS, ms / 2)).then(() => memoryOf(stage.nodes));
  const broken = runner.run(faults);
  await pause(ms, signal);
  end.abort();
  await Promise.all([...load, runner.heal(), broken]);
  return memory;
}

async function run(scene: Scene, faults: readonly Fault[], options: SoakOptions) {
  const { journal, stage } = scene;
  const { say, ms, signal } = options;
  const loop = monitorEventLoopDelay({ resolution: 10 });
  const takeovers = new TakeoverWatch(stage);
  journal.begin();
  loop.enable();
  takeovers.start();
  const before = await strain(scene, faults, ms, signal);
  say(`${clock(journal.now)} the load has ended, everything is healed`);
  signal?.throwIfAborted();
  const ledger = await settle(scene);
  say(`${clock(journal.now)} settled`);
  loop.disable();
  const memory = { before, after: await memoryOf(stage.nodes) };
  return { ledger, scene, takeovers: takeovers.stop(), memory, stallMs: loop.max / 1e6 };
}

/** Random faults under random load for a given time, then the ledger of everything that was asked. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, users, ms, say } = options;
  const faults = scheduleFaults(new Random(`${seed}/faults`), ms);
  say(`seed ${seed}, ${clock(ms)}, ${users} users, ${faults.length} faults:`);
  for (const fault of faults) say(`  ${clock(fault.at)} ${describeFault(fault)}`);
  const scene = await openScene(options);
  try {
    return await run(scene, faults, options);
  } finally {
    await scene.close();
  }
}
