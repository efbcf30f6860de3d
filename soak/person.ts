import { setTimeout as sleep } from 'node:timers/promises';
import { type Ask, type Book, isFinal } from './book.js';
import type { Ack, Deed } from './deeds.js';
import { chooseDeed, chooseHow } from './intent.js';
import { GivenUp, type Phone } from './phone.js';
import type { Random } from './random.js';
import { codeOf } from './sdk-phone.js';
import { questionText } from './texts.js';

/** One conversation of a person. */
interface Thread {
  id: number | null;
  /** Number of deeds that it will get in all, and that it has got. */
  size: number;
  asked: number;
  /** Calls that are neither acknowledged nor refused. */
  pending: number;
}

export interface PersonOptions {
  name: string;
  phones: readonly Phone[];
  book: Book;
  random: Random;
}

const THINK_MS = [300, 6_000] as const;
const THREADS = 2;
/** Share of deeds that change what was said before, of those in a conversation that exists. */
const CHANGES = 0.25;

/**
 * Asks on any of its devices and reads along on the others. Changes what was said, drops devices, comes late, and
 * stops answers.
 */
export class Person {
  readonly phones: readonly Phone[];
  readonly #options: PersonOptions;
  readonly #random: Random;
  #threads: Thread[] = [];
  #serial = 0;
  readonly #doing = new Set<Promise<void>>();
  #closed = false;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.#random = options.random;
    this.phones = options.phones;
  }

  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const think = this.#random.int(...THINK_MS);
      await sleep(think, undefined, { signal: until }).catch(() => {});
      if (!until.aborted) this.#act();
    }
  }

  /** Resolves when nothing that was begun is pending any more. */
  async settled(): Promise<void> {
    while (this.#doing.size > 0) await Promise.all(this.#doing);
  }

  close(): void {
    this.#closed = true;
    for (const phone of this.phones) phone.close();
  }

  #act(): void {
    const phone = this.#random.pick(this.phones);
    if (this.#random.chance(0.15)) {
      this.#do(phone.drop(this.#random.int(50, 6_000)));
      return;
    }
    const thread = this.#thread();
    this.#do(this.#speak(thread));
    // A second deed while the first is being answered.
    if (thread.id !== null && this.#random.chance(0.2)) this.#do(this.#speak(thread));
  }

  #do(work: Promise<void>): void {
    const done = work.finally(() => this.#doing.delete(done));
    this.#doing.add(done);
  }

  #thread(): Thread {
    const usable = this.#threads.filter(({ id, pending }) => id !== null || pending === 0);
    if (this.#threads.length >= THREADS && usable.length > 0) return this.#random.pick(usable);
    const thread: Thread = { id: null, size: this.#random.int(3, 12), asked: 0, pending: 0 };
    this.#threads.push(thread);
    return thread;
  }

  /** The key alone decides the device, the manner and the kind of the deed. */
  async #speak(thread: Thread): Promise<void> {
    this.#serial += 1;
    const key = `${this.#options.name}-${this.#serial}`;
    const random = this.#random.fork(key);
    const phone = random.pick(this.phones);
    const content = questionText(random, key);
    const changes = random.chance(CHANGES);
    this.#begin(thread);
    const { id } = thread;
    const deed = id !== null && changes ? chooseDeed(random, content, id, phone.branch(id)) : null;
    const how = id === null ? undefined : chooseHow(random);
    const send: Deed = { kind: 'send', conversationId: id, content, ...(how && { how }) };
    await this.#perform(thread, phone, key, random, deed ?? send);
    thread.pending -= 1;
  }

  async #perform(
    thread: Thread,
    phone: Phone,
    key: string,
    random: Random,
    deed: Deed,
  ): Promise<void> {
    const { book } = this.#options;
    const manner = random.weighted(phone.manners);
    if (deed.kind === 'continue')
      await this.#endFirst(deed.messageId, phone, deed.conversationId, random);
    const ask = book.open({ key, phone: phone.name, manner, deed, kept: keptBy(phone, deed) });
    try {
      await phone.act(deed, manner, (ack) => {
        book.acknowledged(ask, ack);
        this.#follow(thread, ack, phone, random);
      });
      book.ended(ask);
    } catch (error) {
      ask.refused = codeOf(error);
      if (!(error instanceof GivenUp)) book.ended(ask);
    }
    await this.#mayStop(ask, random);
  }

  #begin(thread: Thread): void {
    thread.asked += 1;
    thread.pending += 1;
    if (thread.asked < thread.size) return;
    this.#threads = this.#threads.filter((each) => each !== thread);
    this.#do(this.#leave(thread));
  }

  #follow(thread: Thread, { receipt }: Ack, asker: Phone, random: Random): void {
    const { conversationId } = receipt;
    asker.follow(conversationId);
    if (thread.id !== null) return;
    thread.id = conversationId;
    for (const phone of this.phones) {
      if (phone === asker) continue;
      if (random.chance(0.5)) phone.follow(conversationId);
      else this.#do(sleep(random.int(100, 8_000)).then(() => phone.follow(conversationId)));
    }
  }

  async #mayStop({ receipts }: Ask, random: Random): Promise<void> {
    const id = receipts[0]?.answerId ?? null;
    if (id === null || !random.chance(0.08)) return;
    await sleep(random.int(0, 3_000));
    await this.#stop(id, random.pick(this.phones));
  }

  /** Waits for the end of an answer: no other can be continued. */
  async #endFirst(id: number, phone: Phone, conversationId: number, random: Random): Promise<void> {
    const isRunning = () =>
      phone.branch(conversationId).some((each) => each.id === id && !isFinal(each.status));
    if (!isRunning()) return;
    await this.#stop(id, phone);
    const until = performance.now() + random.int(500, 3_000);
    while (isRunning() && performance.now() < until) await sleep(50);
  }

  async #stop(answerId: number, phone: Phone): Promise<void> {
    this.#options.book.stopping(answerId);
    for (let tries = 0; tries < 5; tries += 1) {
      const done = await phone.stop(answerId).then(
        () => true,
        () => false,
      );
      if (done) return;
      await sleep(1_000);
    }
  }

  /** Closes a conversation that gets no more deeds when all devices show the same branch to its end. */
  async #leave(thread: Thread): Promise<void> {
    while (thread.pending > 0 && !this.#closed) await sleep(300);
    const { id } = thread;
    if (id === null) return;
    while (!this.#agree(id) && !this.#closed) await sleep(300);
    if (this.#closed) return;
    for (const phone of this.phones) phone.leave(id);
  }

  #agree(conversationId: number): boolean {
    const branches = this.phones.map((phone) => phone.branch(conversationId));
    const shown = new Set(branches.map((branch) => branch.map(({ id }) => id).join()));
    const isEnded = this.phones.every((phone) => !phone.isWaiting(conversationId));
    return isEnded && shown.size === 1 && !shown.has('');
  }
}

/** The text that an answer has on the device where it is continued. */
function keptBy(phone: Phone, deed: Deed): string | null {
  if (deed.kind !== 'continue') return null;
  const held = phone.branch(deed.conversationId).find(({ id }) => id === deed.messageId);
  return held && isFinal(held.status) ? held.text : null;
}
