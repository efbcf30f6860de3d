import fc from 'fast-check';
import { Described } from '../lab/people/described.js';
import { Actor } from './actor.js';
import { type Input, inputs } from './inputs.js';
import { OVERLOADED } from './judge.js';
import { Sender } from './send.js';
import { openStage, type Stage } from './stage.js';

export interface FuzzOptions {
  runs: number;
  seed: number;
  say(line: string): void;
  signal?: AbortSignal;
}

export interface FuzzReport {
  sent: Record<Input['kind'], number>;
  /** How often each event was accepted. */
  accepted: ReadonlyMap<string, number>;
  seconds: number;
  /** Faults, each kind once, with the input. */
  faults: string[];
  /** Inputs answered with `unavailable`: the machine is busy. */
  overloaded: number;
  /** Bytes of heap in use after a collection, from the warm node to the end. */
  heap: number[];
  /** Errors that the node logged, and its end if it ended. */
  logged: string[];
}

const ACTORS = 8;
/** Inputs that each actor sends at a time. */
const LANES = 3;
const BATCH = 1_000;
/** Faults that are kept. */
const KEPT = 20;
/** Samples of the heap after the warm-up. */
const SAMPLES = 10;

/** One run of the fuzzer against one node. */
class Fuzzer {
  readonly sent = { event: 0, rest: 0, frames: 0, tcp: 0 };
  overloaded = 0;
  readonly faults = new Map<string, string>();
  #stage: Stage;
  #sender: Sender;
  #names = 0;

  constructor(stage: Stage, references: Described) {
    this.#stage = stage;
    this.#sender = new Sender(stage.url, references);
  }

  arrive(): Promise<Actor> {
    const name = () => {
      this.#names += 1;
      return `actor-${this.#names}`;
    };
    return Actor.arrive(this.#stage.url, name, (account) => this.#stage.admit(account));
  }

  /** Sends the whole batch, each actor a share of it. */
  async run(batch: Input[], actors: Actor[]): Promise<void> {
    const queue = [...batch];
    const work = async (actor: Actor): Promise<void> => {
      for (let input = queue.pop(); input; input = queue.pop()) await this.#one(input, actor);
    };
    await Promise.all(actors.flatMap((actor) => Array.from({ length: LANES }, () => work(actor))));
  }

  get accepted(): ReadonlyMap<string, number> {
    return this.#sender.accepted;
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  async #one(input: Input, actor: Actor): Promise<void> {
    this.sent[input.kind] += 1;
    const fault = await this.#sender
      .send(input, actor)
      .catch((error: unknown) => `nothing came back: ${error}`);
    if (fault === OVERLOADED) this.overloaded += 1;
    if (fault === null || fault === OVERLOADED || this.faults.size >= KEPT) return;
    const where = 'name' in input ? input.name : 'route' in input ? input.route.path : input.kind;
    const shown = JSON.stringify(input, (key, value) =>
      key === 'schema' || key === 'shape' ? undefined : value,
    );
    const known = `${where}: ${fault}`;
    if (!this.faults.has(known)) this.faults.set(known, shown.slice(0, 2_000));
  }
}

const errorsOf = ({ logs }: Stage['node']): string[] =>
  logs
    .filter(({ level, msg }) => Number(level) >= 50 || /unhandled|uncaught/i.test(String(msg)))
    .map((line) => JSON.stringify(line).slice(0, 1_000));

const inMegabytes = (bytes: number) => Math.round(bytes / 2 ** 20);

/** Sends all inputs, and returns heap sizes at even distances from the beginning. */
async function sendAll(fuzzer: Fuzzer, stage: Stage, options: FuzzOptions): Promise<number[]> {
  const { runs, seed, say, signal } = options;
  const arbitrary = inputs();
  const heap: number[] = [];
  const actors = await Promise.all(Array.from({ length: ACTORS }, () => fuzzer.arrive()));
  for (let done = 0; done < runs && !signal?.aborted && !stage.node.ended; ) {
    const numRuns = Math.min(BATCH, runs - done);
    await fuzzer.run(fc.sample(arbitrary, { numRuns, seed: seed + done / BATCH }), actors);
    done += numRuns;
    if (done < (runs * (heap.length + 1)) / (SAMPLES + 1)) continue;
    const used = await stage.heap.used();
    heap.push(used);
    say(`${done} inputs, heap ${inMegabytes(used)} MB, ${fuzzer.faults.size} kinds of faults`);
  }
  for (const actor of actors) actor.leave();
  return heap;
}

/** Sends `runs` inputs of all kinds to a real node, and reports faults. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const references = await Described.read();
  const stage = await openStage();
  const fuzzer = new Fuzzer(stage, references);
  const from = performance.now();
  try {
    const heap = await sendAll(fuzzer, stage, options);
    const { sent, accepted, overloaded } = fuzzer;
    const logged = errorsOf(stage.node);
    if (stage.node.ended) logged.push(`the node ended: ${JSON.stringify(await stage.node.exit)}`);
    const faults = [...fuzzer.faults].map(([fault, input]) => `${fault}\n    ${input}`);
    const seconds = (performance.now() - from) / 1_000;
    return { sent, accepted, overloaded, seconds, faults, heap, logged };
  } finally {
    await fuzzer.close();
    await stage.stop();
  }
}
