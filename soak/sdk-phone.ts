import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConversationStore,
  createClient,
  type ParleyClient,
  ParleyError,
} from '../src/client/index.js';
import { type Book, isFinal, type Shown, type View } from './book.js';
import { clock } from './journal.js';
import type { Draft, Manner, OnReceipt, Phone } from './phone.js';

interface Followed {
  store: ConversationStore;
  leftAt: number | null;
  ends: Map<number, Shown>;
}

/** As impatient as a page that somebody is looking at. */
const BACKOFF = { minMs: 200, maxMs: 2_000 };

/** The product's own client, through the balancer. */
export class SdkPhone implements Phone {
  readonly name: string;
  readonly manners = [
    [8, 'plain'],
    [2, 'lost'],
  ] as const;
  readonly #client: ParleyClient;
  readonly #book: Book;
  readonly #followed = new Map<number, Followed>();
  readonly #trail: string[] = [];

  constructor(name: string, url: string, token: string, book: Book) {
    this.name = name;
    this.#book = book;
    this.#client = createClient({ url, token, backoff: BACKOFF });
    this.#client.connection.subscribe(({ state, code }) => {
      const node = this.#client.hello()?.node_id.slice(-8) ?? '';
      this.#trail.push(`${clock(book.now)} ${code ?? state} ${state === 'online' ? node : ''}`);
    });
  }

  async ask(draft: Draft, manner: Manner, onReceipt: OnReceipt): Promise<void> {
    const { content, conversationId } = draft;
    const place = conversationId === null ? {} : { conversation_id: conversationId };
    const sending = this.#client.send({ content, ...place });
    if (manner === 'lost') {
      // The packet leaves before the connection ends.
      await sleep(0);
      this.#client.disconnect();
      this.#client.connect();
    }
    const sent = await sending;
    const receipt = {
      conversationId: sent.conversation.id,
      questionId: sent.user_message.id,
      answerId: sent.assistant_message.id,
    };
    onReceipt(receipt, sent.assistant_message.status);
  }

  async stop(answerId: number): Promise<void> {
    await this.#client.stop(answerId);
  }

  follow(conversationId: number): void {
    if (this.#followed.has(conversationId)) return;
    const store = this.#client.open(conversationId);
    const followed: Followed = { store, leftAt: null, ends: new Map() };
    this.#followed.set(conversationId, followed);
    store.subscribe(() => this.#look(followed));
    this.#look(followed);
  }

  hasAll(conversationId: number, answerIds: readonly number[]): boolean {
    const followed = this.#followed.get(conversationId);
    if (!followed) return false;
    const screen = shownBy(followed);
    const whole = [...screen.values()].every(({ status }) => isFinal(status));
    return whole && answerIds.every((id) => screen.has(id));
  }

  leave(conversationId: number): void {
    const followed = this.#followed.get(conversationId);
    if (!followed) return;
    followed.leftAt = this.#book.now;
    this.#client.close(conversationId);
  }

  async drop(ms: number): Promise<void> {
    this.#client.disconnect();
    await sleep(ms);
    this.#client.connect();
  }

  views(): View[] {
    return [...this.#followed].map(([conversationId, followed]) => ({
      phone: this.name,
      conversationId,
      leftAt: followed.leftAt,
      screen: shownBy(followed),
      ends: followed.ends,
      trail: this.#trail,
    }));
  }

  close(): void {
    this.#client.disconnect();
  }

  #look({ store, ends, leftAt }: Followed): void {
    if (leftAt !== null) return;
    for (const { id, role, status, content } of store.state.messages) {
      if (role !== 'assistant' || ends.has(id)) continue;
      if (content !== '') this.#book.firstText(id, this.name);
      if (isFinal(status)) ends.set(id, { status, text: content });
    }
  }
}

function shownBy({ store }: Followed): Map<number, Shown> {
  const answers = store.state.messages.filter(({ role }) => role === 'assistant');
  return new Map(answers.map(({ id, status, content }) => [id, { status, text: content }]));
}

/** The code of the client's refusal. */
export const codeOf = (error: unknown): string =>
  error instanceof ParleyError ? error.code : error instanceof Error ? error.name : String(error);
