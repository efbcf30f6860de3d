import type { Cursor, RoomEvent } from '../../contract/events.js';
import type { AppendResult, LogKey } from '../../ports/engine.js';
import { AppendBatch } from './append-batch.js';
import type { RedisClient } from './clients.js';
import type { Keys } from './keys.js';
import { WROTE } from './scripts.js';
import type { Shards } from './shards.js';

/** What a script did; `repeated`: this very entry was there already. */
export type Written = Exclude<AppendResult, 'unreachable'> | 'repeated';

const MEANING = new Map<number, Written>([
  [WROTE.appended, 'appended'],
  [WROTE.repeated, 'repeated'],
  [WROTE.fenced, 'fenced'],
  [WROTE.missing, 'missing'],
]);

function meaningOf(code: number): Written {
  const written = MEANING.get(code);
  if (!written) throw new Error(`script answered ${code}`);
  return written;
}

/** The commands that write, each one atomic step in Redis. All reject with Unreachable when Redis did not answer. */
export class LogWriter {
  #client: RedisClient;
  #shards: Shards;
  #keys: Keys;
  /** The sending node as JSON. */
  #origin: string;
  #batch: AppendBatch;

  constructor(client: RedisClient, shards: Shards, keys: Keys, nodeId: string) {
    this.#client = client;
    this.#shards = shards;
    this.#keys = keys;
    this.#origin = JSON.stringify(nodeId);
    this.#batch = new AppendBatch(client, shards, this.#origin);
  }

  /** Null calls readers to resynchronise. */
  async publish(conversationId: number, event: RoomEvent | null): Promise<void> {
    const text = JSON.stringify(event);
    const [counter, channel] = this.#topic(conversationId);
    await this.#run(channel, () =>
      this.#client.parleyPublish(counter, channel, this.#origin, text),
    );
  }

  begin(key: LogKey, attempt: number): Promise<Written> {
    const log = this.#keys.log(key);
    return this.#write(log, () => this.#client.parleyBegin(log, attempt));
  }

  async append(key: LogKey, cursor: Cursor, text: string, event: RoomEvent): Promise<Written> {
    const [counter, channel] = this.#topic(key.conversationId);
    const keys = [counter, channel, this.#keys.log(key)] as const;
    const values = [JSON.stringify(event), cursor.attempt, cursor.seq, text] as const;
    return meaningOf(await this.#batch.append({ keys, values }));
  }

  rewrite(key: LogKey, attempt: number, deltas: readonly string[]): Promise<Written> {
    const log = this.#keys.log(key);
    const [counter, channel] = this.#topic(key.conversationId);
    return this.#write(log, () =>
      this.#client.parleyRewrite(counter, channel, log, this.#origin, attempt, deltas),
    );
  }

  async expire(key: LogKey, ms: number): Promise<void> {
    const log = this.#keys.log(key);
    await this.#run(log, () => this.#client.pexpire(log, ms));
  }

  #topic(conversationId: number): [counter: string, channel: string] {
    return [this.#keys.events(conversationId), this.#keys.channel(conversationId)];
  }

  #run<T>(key: string, command: () => Promise<T>): Promise<T> {
    return this.#shards.of(key).circuit.run(command);
  }

  async #write(log: string, command: () => Promise<number>): Promise<Written> {
    return meaningOf(await this.#run(log, command));
  }
}
