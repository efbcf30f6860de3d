import { patientTimer } from '../time/patient-timer.js';

const FOLLOW_AFTER_MS = 1_000;

/** Reads again when another branch than the shown one became active, unless its messages arrive by themselves. */
export class LeafWatch {
  readonly #read: () => void;
  readonly #afterMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #awaited: string | null = null;
  /** Reading did not show this leaf, so it is not repeated for it. */
  #settled: string | null = null;

  constructor(read: () => void, afterMs: number = FOLLOW_AFTER_MS) {
    this.#read = read;
    this.#afterMs = afterMs;
  }

  /** Tells which leaf is shown and which one is active. */
  look(shownId: number | null, activeId: number | null): void {
    const awaited = shownId === activeId ? null : `${shownId} ${activeId}`;
    if (awaited === this.#awaited || (awaited !== null && awaited === this.#settled)) return;
    this.stop();
    if (awaited === null) return;
    this.#awaited = awaited;
    this.#timer = patientTimer(() => this.#elapsed(), this.#afterMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#awaited = null;
  }

  #elapsed(): void {
    this.#settled = this.#awaited;
    this.#awaited = null;
    this.#read();
  }
}
