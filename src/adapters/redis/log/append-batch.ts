import { isOfServer } from '../connection/circuit.js';
import type { RedisClient } from '../connection/clients.js';
import type { Shards } from '../connection/shards.js';
import type { Envelopes } from './envelope.js';
import { PUBLISHED } from './scripts.js';

export interface Entry {
  /** All have one hash tag. */
  keys: readonly [newest: string, channel: string, log: string];
  values: readonly [serial: number, event: string, attempt: number, seq: number, text: string];
}

interface Waiting {
  entry: Entry;
  resolve(answer: number | string): void;
  reject(error: unknown): void;
}

/** Bounds a script to little more than a millisecond of Redis' time. */
const MOST = 50;

/** Appends of one turn of the event loop share a command if all keys are on one server. Each has its own result. */
export class AppendBatch {
  readonly #client: RedisClient;
  readonly #shards: Shards;
  readonly #sender: readonly [prefix: string, origin: string];
  #waiting: Waiting[] = [];
  /** The server turned out to belong to a Cluster, and accepts only the keys of one conversation at a time. */
  #apart = false;

  constructor(client: RedisClient, shards: Shards, { prefix, origin }: Envelopes) {
    this.#client = client;
    this.#shards = shards;
    this.#sender = [prefix, origin];
  }

  /** The script's result. @throws Unreachable, or an Error that says why this entry was refused */
  append(entry: Entry): Promise<number | string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => this.#sendAll());
    });
  }

  #sendAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#sendEach(waiting);
  }

  #sendEach(waiting: readonly Waiting[]): void {
    const most = this.#shards.together && !this.#apart ? MOST : 1;
    for (let from = 0; from < waiting.length; from += most) {
      this.#send(waiting.slice(from, from + most));
    }
  }

  #send(batch: readonly Waiting[]): void {
    const entries = batch.map(({ entry }) => entry);
    const keys = entries.flatMap((entry) => entry.keys);
    const values = entries.flatMap((entry) => entry.values);
    const { circuit } = this.#shards.of(keys[0] ?? '');
    const command = () =>
      this.#client
        .parleyAppend(keys.length, ...keys, ...this.#sender, ...values)
        .then(unlessRefused);
    circuit.run(command).then(
      (answers) => batch.forEach((waiting, i) => void settle(waiting, answers[i])),
      (error: Error) => this.#failed(batch, error),
    );
  }

  /** Keys are checked before the script begins, so it has done nothing yet. */
  #failed(batch: readonly Waiting[], error: Error): void {
    if (error.message.startsWith('CROSSSLOT') && batch.length > 1) {
      this.#apart = true;
      this.#sendEach(batch);
    } else {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** A refusal of every entry concerns the circuit. Entries written before it are recognised later. */
function unlessRefused(answers: (number | string)[]): (number | string)[] {
  const refusal = answers.find((answer) => typeof answer === 'string' && isOfServer(answer));
  if (refusal !== undefined) throw new Error(String(refusal));
  return answers;
}

function settle({ resolve, reject }: Waiting, answer: number | string | undefined): void {
  if (typeof answer === 'number' || answer?.startsWith(PUBLISHED)) resolve(answer);
  else reject(new Error(answer));
}
