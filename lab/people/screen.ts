import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually.js';
import type { Cluster } from '../nodes/cluster.js';
import type { Device } from './device.js';
import { Reader } from './reader.js';
import { type Account, callRest } from './rest.js';

const WITHIN_MS = 10_000;

/** One user with a conversation, who asks at the first node of a cluster and looks at it at the second. */
export class Screen {
  readonly account: Account;
  readonly conversationId: number;
  /** Connected to the first node. */
  readonly device: Device;
  /** Connected to the second node, with the product's client. */
  readonly reader: Reader;
  /** Connected to the second node, without the product's client. */
  readonly wire: Device;
  #cluster: Cluster;

  private constructor(cluster: Cluster, account: Account, conversationId: number, at: Device[]) {
    const [device, wire] = at;
    if (!device || !wire) throw new Error('no devices');
    this.#cluster = cluster;
    this.account = account;
    this.conversationId = conversationId;
    this.device = device;
    this.wire = wire;
    this.reader = new Reader(cluster.node(1).url, account);
  }

  static async open(cluster: Cluster, name: string): Promise<Screen> {
    const account = await cluster.account(name);
    const devices = await Promise.all([cluster.device(0, account), cluster.device(1, account)]);
    const made = await devices[0]?.ask('conversation:create', { title: name });
    const id = made?.conversation.id ?? 0;
    const screen = new Screen(cluster, account, id, devices);
    const store = screen.reader.client.open(id);
    await eventually(
      () => store.state.phase === 'open' && screen.reader.client.list.state.loaded,
      (open) => open,
    );
    await screen.wire.ask('conversation:open', { conversation_id: id });
    return screen;
  }

  /** Asks at the first node. Resolves when the node has acknowledged it. */
  ask() {
    const { conversationId: conversation_id } = this;
    return this.device.ask('message:send', {
      client_id: randomUUID(),
      content: 'go',
      conversation_id,
    });
  }

  /** Makes a REST call at the first node. */
  rest(path: string, method: string, body?: object) {
    const url = `${this.#cluster.node(0).url}${path}`;
    return callRest<{ id: number }>(url, { method, token: this.account.token, body });
  }

  /** Resolves when the second node's screens show what is stored: the conversation's messages, and the list. */
  async isExact(withinMs = WITHIN_MS): Promise<void> {
    await eventually(
      async () => {
        const [shown, stored] = [this.#shown(), await this.#stored()];
        return { shown, stored };
      },
      ({ shown, stored }) => JSON.stringify(shown) === JSON.stringify(stored),
      withinMs,
    );
  }

  close(): void {
    this.reader.close();
  }

  #shown() {
    const { client } = this.reader;
    const { messages, phase } = client.open(this.conversationId).state;
    return {
      messages:
        phase === 'gone' ? [] : messages.map(({ id, status, content }) => [id, status, content]),
      list: client.list.state.conversations.map(({ id, title }) => [id, title]),
    };
  }

  async #stored() {
    const [messages, list] = await Promise.all([
      this.#cluster.rows(
        `SELECT id::int, status, content FROM messages WHERE conversation_id = $1 ORDER BY id`,
        [this.conversationId],
      ),
      this.#cluster.rows(
        `SELECT c.id::int, c.title FROM conversations c JOIN conversation_members cm ON cm.conversation_id = c.id
         WHERE cm.user_id = $1 ORDER BY c.active_at DESC, c.id DESC`,
        [this.account.id],
      ),
    ]);
    return {
      messages: messages.map(({ id, status, content }) => [id, status, content]),
      list: list.map(({ id, title }) => [id, title]),
    };
  }
}
