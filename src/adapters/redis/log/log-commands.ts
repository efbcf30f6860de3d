import type { Cursor } from '../../../contract/events.js';
import type { Piece } from '../../../contract/spoken.js';
import type { AppendResult, LogKey } from '../../../ports/live-log.js';
import type { RedisClient } from '../connection/clients.js';
import type { Shards } from '../connection/shards.js';
import type { Keys } from '../keys.js';
import { AppendBatch } from './append-batch.js';
import type { Envelopes, Outgoing } from './envelope.js';
import { AFTER_OWN, PUBLISHED, WROTE } from './scripts.js';

/** The outcome of a script. `repeated`: this very entry was already there. */
export type Written = Exclude<AppendResult, 'unreachable'> | 'repeated';

/** If published, the event before it: its tag, or the serial of an own event. */
export interface Placed {
  written: Written;
  before: string | number | null;
}

const MEANING = new Map<number, Placed>(
  (['appended', 'repeated', 'fenced', 'missing'] as const).map((written) => [
    WROTE[written],
    { written, before: null },
  ]),
);

function meaningOf(answer: number | string): Placed {
  if (typeof answer === 'string') {
    return { written: 'appended', before: answer.slice(PUBLISHED.length) };
  }
  if (answer > AFTER_OWN) return { written: 'appended', before: answer - AFTER_OWN };
  const placed = MEANING.get(answer);
  if (!placed) throw new Error(`script returned ${answer}`);
  return placed;
}

/** The scripts get text and reasoning in one argument: no text has U+0000, so that one shows where each begins. */
const packed = (delta: Piece): string =>
  typeof delta === 'string' ? delta : `\0${delta.reasoning}\0${delta.text}`;

/** The commands that write, each one atomic step in Redis. All reject with Unreachable if Redis does not reply. */
export class LogCommands {
  #client: RedisClient;
  #shards: Shards;
  #keys: Keys;
  #batch: AppendBatch;

  #envelopes: Envelopes;

  constructor(client: RedisClient, shards: Shards, keys: Keys, envelopes: Envelopes) {
    this.#client = client;
    this.#shards = shards;
    this.#keys = keys;
    this.#batch = new AppendBatch(client, shards, envelopes);
    this.#envelopes = envelopes;
  }

  async publish({ conversationId, serial, json }: Outgoing): Promise<Placed> {
    const [newest, channel] = this.#topic(conversationId);
    const { prefix, origin } = this.#envelopes;
    const command = () => this.#client.parleyPublish(newest, channel, prefix, serial, origin, json);
    return meaningOf(await this.#run(channel, command));
  }

  async begin(key: LogKey, attempt: number, owner: string): Promise<Written> {
    const log = this.#keys.log(key);
    const answer = await this.#run(log, () => this.#client.parleyBegin(log, attempt, owner));
    return meaningOf(answer).written;
  }

  async append(key: LogKey, cursor: Cursor, delta: Piece, own: Outgoing): Promise<Placed> {
    const [newest, channel] = this.#topic(key.conversationId);
    const keys = [newest, channel, this.#keys.log(key)] as const;
    const values = [own.serial, own.json, cursor.attempt, cursor.seq, packed(delta)] as const;
    return meaningOf(await this.#batch.append({ keys, values }));
  }

  /** `own` tells readers to resynchronise. */
  async rewrite(
    key: LogKey,
    attempt: number,
    deltas: readonly Piece[],
    owner: string,
    { serial }: Outgoing,
  ): Promise<Placed> {
    const log = this.#keys.log(key);
    const [newest, channel] = this.#topic(key.conversationId);
    const { prefix, origin } = this.#envelopes;
    const sender = [prefix, serial, origin] as const;
    const command = () =>
      this.#client.parleyRewrite(
        newest,
        channel,
        log,
        ...sender,
        attempt,
        owner,
        deltas.map(packed),
      );
    return meaningOf(await this.#run(log, command));
  }

  async expire(key: LogKey, ms: number): Promise<void> {
    const log = this.#keys.log(key);
    await this.#run(log, () => this.#client.pexpire(log, ms));
  }

  #topic(conversationId: number): [newest: string, channel: string] {
    return [this.#keys.newest(conversationId), this.#keys.channel(conversationId)];
  }

  #run<T>(key: string, command: () => Promise<T>): Promise<T> {
    return this.#shards.of(key).circuit.run(command);
  }
}
