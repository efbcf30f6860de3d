import { setTimeout as sleep } from 'node:timers/promises';
import type { Book, Receipt } from './book.js';
import type { Manner, Phone } from './phone.js';
import type { Random } from './random.js';
import { codeOf } from './sdk-phone.js';
import { questionText } from './texts.js';

/** One conversation of a person. */
interface Thread {
  id: number | null;
  /** Number of questions that it will get in all, and that it has got. */
  size: number;
  asked: number;
  /** Sends that are neither acknowledged nor refused. */
  pending: number;
  answers: number[];
}

export interface PersonOptions {
  name: string;
  phones: readonly Phone[];
  book: Book;
  random: Random;
}

const THINK_MS = [300, 6_000] as const;
const THREADS = 2;

/** Asks on any of its devices and reads along on the others. Drops devices, comes late, and stops answers. */
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
    this.#do(this.#ask(thread));
    // A second question while the first is being answered.
    if (thread.id !== null && this.#random.chance(0.2)) this.#do(this.#ask(thread));
  }

  #do(work: Promise<void>): void {
    const done = work.finally(() => this.#doing.delete(done));
    this.#doing.add(done);
  }

  #thread(): Thread {
    const usable = this.#threads.filter(({ id, pending }) => id !== null || pending === 0);
    if (this.#threads.length >= THREADS && usable.length > 0) return this.#random.pick(usable);
    const size = this.#random.int(3, 10);
    const thread: Thread = { id: null, size, asked: 0, pending: 0, answers: [] };
    this.#threads.push(thread);
    return thread;
  }

  async #ask(thread: Thread): Promise<void> {
    const { book, name } = this.#options;
    this.#serial += 1;
    const key = `${name}-${this.#serial}`;
    const random = this.#random.fork(key);
    const phone = random.pick(this.phones);
    const manner: Manner = random.weighted(phone.manners);
    const content = questionText(random, key);
    const ask = book.open({ key, phone: phone.name, manner, content });
    const draft = { content, conversationId: thread.id };
    this.#begin(thread);
    try {
      await phone.ask(draft, manner, (receipt, status) => {
        book.acknowledged(ask, receipt, status);
        this.#follow(thread, receipt, phone, random);
      });
    } catch (error) {
      ask.refused = codeOf(error);
    }
    thread.pending -= 1;
    const [receipt] = ask.receipts;
    if (!receipt) return;
    if (random.chance(0.08)) await this.#stop(receipt.answerId, random, () => book.stopping(ask));
  }

  #begin(thread: Thread): void {
    thread.asked += 1;
    thread.pending += 1;
    if (thread.asked < thread.size) return;
    this.#threads = this.#threads.filter((each) => each !== thread);
    this.#do(this.#leave(thread));
  }

  #follow(thread: Thread, receipt: Receipt, asker: Phone, random: Random): void {
    thread.answers.push(receipt.answerId);
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

  async #stop(answerId: number, random: Random, onTry: () => void): Promise<void> {
    await sleep(random.int(0, 3_000));
    onTry();
    const phone = random.pick(this.phones);
    for (let tries = 0; tries < 5; tries += 1) {
      const done = await phone.stop(answerId).then(
        () => true,
        () => false,
      );
      if (done) return;
      await sleep(1_000);
    }
  }

  /** Closes a conversation that gets no more questions on each device that has seen all of its ends. */
  async #leave(thread: Thread): Promise<void> {
    while (thread.pending > 0 && !this.#closed) await sleep(300);
    const { id, answers } = thread;
    if (id === null) return;
    await Promise.all(
      this.phones.map(async (phone) => {
        while (!phone.hasAll(id, answers) && !this.#closed) await sleep(300);
        if (!this.#closed) phone.leave(id);
      }),
    );
  }
}
