import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { eventually } from '../eventually.js';
import type { Cluster } from '../nodes/cluster.js';
import type { Device } from '../people/device.js';
import { Reader } from '../people/reader.js';
import type { Account } from '../people/rest.js';
import { watchPauses } from './pauses.js';
import { SteadyModel } from './steady-model.js';

/** More than a busy node takes. Counts if half of an outage is shorter. */
const PAUSE_MS = 2_000;

interface Parts {
  id: number;
  conversationId: number;
  device: Device;
  model: SteadyModel;
  cluster: Cluster;
  readers: Reader[];
}

interface Where {
  /** The node that is asked. It has room and so becomes the owner. Default: the first. */
  at?: number;
  /** Default: a new one. */
  conversationId?: number;
}

/** A running answer in a cluster, with a plain device at the owner's node and the product's client at every node. */
export class LiveAnswer {
  readonly id: number;
  readonly conversationId: number;
  /** Connected to the owner's node. */
  readonly device: Device;
  readonly model: SteadyModel;
  #longestPause: () => number;
  #cluster: Cluster;
  #readers: Reader[];

  private constructor({ id, conversationId, device, model, cluster, readers }: Parts) {
    this.id = id;
    this.conversationId = conversationId;
    this.device = device;
    this.model = model;
    this.#longestPause = watchPauses(device, id);
    this.#cluster = cluster;
    this.#readers = readers;
  }

  /** Asks, and resolves when readers at all nodes see text. */
  static async begin(cluster: Cluster, account: Account, where: Where = {}): Promise<LiveAnswer> {
    const { at = 0, conversationId: conversation_id } = where;
    const model = new SteadyModel(cluster.upstream);
    const device = await cluster.device(at, account);
    const sent = await device.ask('message:send', {
      client_id: randomUUID(),
      content: 'go',
      ...(conversation_id !== undefined && { conversation_id }),
    });
    const [id, conversationId] = [sent.assistant_message.id, sent.conversation.id];
    const readers = cluster.nodes.map(({ url }) => new Reader(url, account));
    const answer = new LiveAnswer({ id, conversationId, device, model, cluster, readers });
    await answer.isSeen(({ content }) => content !== '');
    return answer;
  }

  /** Resolves when the device at the owner gets new text of the model. A single delta may come by a resync. */
  async goesOn(): Promise<void> {
    const { count } = this.model;
    const newest = () => SteadyModel.countIn(this.device.all('message:delta').at(-1)?.text ?? '');
    await eventually(newest, (heard) => heard > count);
  }

  /**
   * Expects that nobody waited for the end of an outage of `outageMs` between deltas, at this device or by another
   * `longestPause`. Half of it leaves a busy node the most time.
   */
  expectNoPause(outageMs: number, longestPause = this.#longestPause): void {
    const allowed = Math.max(PAUSE_MS, outageMs / 2);
    expect(longestPause()).to.be.below(allowed + this.model.longestPause);
  }

  /** Resolves when the message `fits` for every reader. */
  async isSeen(fits: (message: { content: string; status: string }) => boolean): Promise<void> {
    for (const reader of this.#readers) await reader.sees(this.conversationId, fits);
  }

  /** Expects that every reader sees the end with this text, one row holds it, and nothing came twice on the wire. */
  async expectEnd(content: string, attempt = 1): Promise<void> {
    await this.isSeen(({ status }) => status === 'completed');
    await this.isSeen((message) => message.content === content);
    this.#expectOrder();
    const row = { status: 'completed', attempt, content };
    expect(await this.#rows()).to.deep.equal([row]);
    const left = () =>
      this.#cluster.rows('SELECT id FROM generations WHERE message_id = $1', [this.id]);
    await eventually(left, (rows) => rows.length === 0);
  }

  close(): void {
    this.model.stop();
    for (const reader of this.#readers) reader.close();
  }

  /** A gap is allowed, because a resync fills it. Nothing may come again, or after a higher attempt. */
  #expectOrder(): void {
    const events = this.device.received.flatMap(({ payload }) =>
      'attempt' in payload && payload.message_id === this.id ? [payload] : [],
    );
    let last = { attempt: 0, seq: 0 };
    for (const event of events) {
      expect(event.attempt).to.be.at.least(last.attempt);
      const before = event.attempt > last.attempt ? 0 : last.seq;
      const seq = 'text' in event ? event.seq : before;
      if ('text' in event) expect(seq).to.be.above(before);
      last = { attempt: event.attempt, seq };
    }
  }

  /** All answers of the conversation. */
  #rows() {
    const sql = `SELECT status, attempt, content FROM messages
                 WHERE conversation_id = $1 AND role = 'assistant'`;
    return this.#cluster.rows(sql, [this.conversationId]);
  }
}
