import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConversationStore,
  createClient,
  type ParleyClient,
  ParleyError,
} from '../src/client/index.js';
import { type Book, type Held, isFinal, noteEnd, type Shown, type View } from './book.js';
import { ackOf, type Deed, type DeedData, sendFields } from './deeds.js';
import { clock } from './journal.js';
import type { Manner, OnAck, Phone } from './phone.js';

interface Followed {
  store: ConversationStore;
  leftAt: number | null;
  ends: Map<number, Shown[]>;
}

/** A page that somebody is looking at is as impatient. */
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

  async act(deed: Deed, manner: Manner, onAck: OnAck): Promise<void> {
    const calling = this.#call(deed);
    // The call may be refused before it is awaited.
    calling.catch(() => {});
    if (manner === 'lost') {
      // The packet leaves before the connection ends.
      await sleep(0);
      this.#client.disconnect();
      this.#client.connect();
    }
    onAck(ackOf(deed, await calling));
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

  branch(conversationId: number): readonly Held[] {
    const followed = this.#followed.get(conversationId);
    return followed ? heldBy(followed) : [];
  }

  isWaiting(conversationId: number): boolean {
    return this.branch(conversationId).some(({ status }) => !isFinal(status));
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
    return [...this.#followed].map(([conversationId, followed]) => {
      const branch = heldBy(followed);
      const answers = branch.filter(({ role }) => role === 'assistant');
      const questions = branch.filter(({ role }) => role === 'user');
      return {
        phone: this.name,
        conversationId,
        leftAt: followed.leftAt,
        branch: branch.map(({ id }) => id),
        screen: new Map(answers.map((each) => [each.id, each])),
        questions: new Map(questions.map(({ id, text }) => [id, text])),
        ends: followed.ends,
        trail: this.#trail,
      };
    });
  }

  close(): void {
    this.#client.disconnect();
  }

  #call(deed: Deed): Promise<DeedData> {
    const client = this.#client;
    switch (deed.kind) {
      case 'send': {
        const { content, conversationId } = deed;
        const place = conversationId === null ? {} : { conversation_id: conversationId };
        return client.send({ content, ...place, ...sendFields(deed.how) });
      }
      case 'edit':
        return client.edit(deed.messageId, { content: deed.content });
      case 'regenerate':
        return client.regenerate(deed.messageId);
      case 'continue':
        return client.continue(deed.messageId);
      case 'select':
        return client.select(deed.messageId).then(() => ({}));
      default:
        return client.deleteMessage(deed.messageId);
    }
  }

  #look(followed: Followed): void {
    if (followed.leftAt !== null) return;
    for (const { id, role, ...shown } of heldBy(followed)) {
      if (role !== 'assistant') continue;
      if (shown.text !== '') this.#book.firstText(id, this.name);
      noteEnd(followed.ends, id, shown);
    }
  }
}

const heldBy = ({ store }: Followed): Held[] =>
  store.state.messages.map(
    ({ id, role, status, attempt, content, finish_reason, sibling_ids }) => ({
      id,
      role,
      status,
      attempt,
      text: content,
      finishReason: finish_reason,
      siblings: sibling_ids,
    }),
  );

/** The code of the client's refusal. */
export const codeOf = (error: unknown): string =>
  error instanceof ParleyError ? error.code : error instanceof Error ? error.name : String(error);
