/** Beyond this many conversations, all readers of all nodes are told instead. */
const MOST = 10_000;
const AT_ONCE = 100;

export interface OwedResyncsOptions {
  /** Rejects if it could not be published. */
  publish(conversationId: number): Promise<void>;
  publishToAll(): Promise<void>;
}

/** Conversations whose readers on other nodes may have missed what this node published while Redis was away. */
export class OwedResyncs {
  #options: OwedResyncsOptions;
  #owed = new Set<number>();
  #everybody = false;
  #paying = Promise.resolve();

  constructor(options: OwedResyncsOptions) {
    this.#options = options;
  }

  add(conversationId: number): void {
    if (this.#owed.size < MOST) this.#owed.add(conversationId);
    else this.#everybody = true;
  }

  /** The readers of this conversation were told by other means. */
  settle(conversationId: number): void {
    this.#owed.delete(conversationId);
  }

  /** Never rejects. Failures stay owed until the next call. */
  pay(): Promise<void> {
    this.#paying = this.#paying.then(() => this.#payAll());
    return this.#paying;
  }

  async #payAll(): Promise<void> {
    if (this.#everybody) await this.#payEverybody();
    const owed = [...this.#owed];
    for (let i = 0; i < owed.length; i += AT_ONCE) {
      await Promise.all(owed.slice(i, i + AT_ONCE).map((id) => this.#payOne(id)));
    }
  }

  async #payEverybody(): Promise<void> {
    this.#everybody = false;
    try {
      await this.#options.publishToAll();
    } catch {
      this.#everybody = true;
    }
  }

  async #payOne(conversationId: number): Promise<void> {
    if (!this.#owed.delete(conversationId)) return;
    try {
      await this.#options.publish(conversationId);
    } catch {
      this.add(conversationId);
    }
  }
}
