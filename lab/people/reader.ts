import { type ConversationState, createClient, type ParleyClient } from '../../src/client/index.js';
import { eventually } from '../eventually.js';
import type { Account } from './rest.js';

type Shown = ConversationState['messages'][number];

/** A person with the product's own client, which survives faults of nodes. */
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
  sees(
    conversationId: number,
    fits: (message: Shown) => boolean,
    withinMs?: number,
  ): Promise<Shown> {
    const store = this.client.open(conversationId);
    const last = () => store.state.messages.at(-1);
    const isThere = (message?: Shown) => message !== undefined && fits(message);
    return eventually(last, isThere, withinMs) as Promise<Shown>;
  }

  /** The text of a complete answer. */
  async reads(conversationId: number, withinMs?: number): Promise<string> {
    const isDone = ({ status }: Shown) => status === 'completed';
    return (await this.sees(conversationId, isDone, withinMs)).content;
  }

  close(): void {
    this.client.disconnect();
  }
}
