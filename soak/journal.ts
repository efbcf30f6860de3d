export interface Entry {
  what: string;
  /** Time in ms since the load began. */
  from: number;
  /** Infinity while it lasts. */
  to: number;
}

/** Records what happened, when, and how often. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly counts = new Map<string, number>();
  readonly #say: (line: string) => void;
  #began = performance.now();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Begins the load. Times count from here. */
  begin(): void {
    this.#began = performance.now();
  }

  /** Time in ms since the load began. */
  get now(): number {
    return performance.now() - this.#began;
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Records something that lasts. */
  open(what: string, kind: string): { close(): void } {
    const entry: Entry = { what, from: this.now, to: Number.POSITIVE_INFINITY };
    this.entries.push(entry);
    this.count(kind);
    this.#say(`${clock(entry.from)} ${what}`);
    return {
      close: () => {
        entry.to = this.now;
        this.#say(`${clock(entry.to)} ${what}: healed`);
      },
    };
  }

  note(what: string): void {
    this.entries.push({ what, from: this.now, to: this.now });
    this.#say(`${clock(this.now)} ${what}`);
  }

  /** Everything that happened between two times, or shortly before. */
  around(from: number, to: number): string[] {
    return this.entries
      .filter((entry) => entry.to >= from - 8_000 && entry.from <= to)
      .map(({ what, from: began, to: ended }) => `${clock(began)}-${clock(ended)} ${what}`);
  }
}

/** `m:ss.t` */
export function clock(ms: number): string {
  if (!Number.isFinite(ms)) return '…';
  const seconds = (ms / 1000) % 60;
  return `${Math.floor(ms / 60_000)}:${seconds.toFixed(1).padStart(4, '0')}`;
}
