/** Room events and events to members come by different ways; by then the other has come, too. */
const SKEW_MS = 1_000;

/** Up to which `updated_at` of its conversation nothing is missing in a log of messages. */
export class Completeness {
  #version: string | null = null;
  #heardAt = Number.NEGATIVE_INFINITY;

  /** A later version was heard of. */
  heard(): void {
    this.#heardAt = Date.now();
  }

  /** Whatever belongs to the last version that was heard of has come, unless that was only just now. */
  settle(version: string | null): void {
    if (Date.now() - this.#heardAt >= SKEW_MS) this.#version = version;
  }

  /** All of this version was read. */
  read(version: string): void {
    this.#version = version;
  }

  is(version: string | null | undefined): boolean {
    return this.#version !== null && this.#version === version;
  }
}
