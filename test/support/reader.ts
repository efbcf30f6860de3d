import { type ConversationState, createClient, type ParleyClient } from '../../src/client/index.js';
import { eventually } from './eventually.js';
import type { Account } from './rest.js';

type Shown = ConversationState['messages'][number];

/** A person with the product's own client, which survives what happens to nodes. */
export class Reader {
  readonly client: ParleyClient;

  constructor(url: string, account: Account) {
    const backoff = { minMs: 50, maxMs: 300 };
    this.client = createClient({ url, token: account.token, backoff });
  }

  get nodeId() {
    return this.client.hello()?.node_id;
  }

  /** The last message of a conversation as it is shown, once it `fits`. */
  sees(conversationId: number, fits: (message: Shown) => boolean): Promise<Shown> {
    const store = this.client.open(conversationId);
    const last = () => store.state.messages.at(-1);
    return eventually(last, (message) => message !== undefined && fits(message)) as Promise<Shown>;
  }

  /** The text of a whole answer. */
  async reads(conversationId: number): Promise<string> {
    const done = await this.sees(conversationId, ({ status }) => status === 'completed');
    return done.content;
  }

  close(): void {
    this.client.disconnect();
  }
}
