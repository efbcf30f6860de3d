/** Room events and member events travel separately. After this time the other one has arrived, too. */
const SKEW_MS = 1_000;

/** The `updated_at` of the conversation up to which a log of messages is complete. */
export class Completeness {
  #version: string | null = null;
  /** In the time of `performance.now()`, which nobody sets back. */
  #heardAt = Number.NEGATIVE_INFINITY;

  /** A later version was heard of. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Everything of the last known version has arrived, unless that version was heard of only just now. */
  settle(version: string | null): void {
    if (performance.now() - this.#heardAt >= SKEW_MS) this.#version = version;
  }

  /** Everything of this version was read. */
  read(version: string): void {
    this.#version = version;
  }

  is(version: string | null | undefined): boolean {
    return this.#version !== null && this.#version === version;
  }
}
