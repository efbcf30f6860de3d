/** Measures how long a model reasons: from each beginning of its reasoning to the text that follows. */
export class ReasoningTime {
  readonly #now: () => number;
  #totalMs: number | null = null;
  #since: number | null = null;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Adds the time of an earlier attempt that the answer continues. */
  add(ms: number): void {
    this.#totalMs = (this.#totalMs ?? 0) + ms;
  }

  /** Called with every piece of reasoning. */
  reasoning(): void {
    this.#since ??= this.#now();
  }

  /** Called with every piece of text, and at the end. */
  text(): void {
    if (this.#since === null) return;
    this.add(this.#now() - this.#since);
    this.#since = null;
  }

  /** Whole ms; null if it never reasoned. */
  get ms(): number | null {
    return this.#totalMs === null ? null : Math.round(this.#totalMs);
  }
}
