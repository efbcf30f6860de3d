export type LogLine = Record<string, unknown>;

function parse(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { msg: text };
  }
}

/** Of the nodes of this process that started last, oldest first. */
const newest: LogLines[] = [];

const NODES = 8;
const TOLD_LINES = 10;
const TOLD_CHARS = 1_500;
const WARN = 40;

/** Prints what the newest nodes of this process have warned of, for the report of a failed test. */
export function tellWarnings(): void {
  for (const { all } of newest) {
    const warnings = all.filter(({ level }) => Number(level) >= WARN);
    for (const line of warnings.slice(-TOLD_LINES)) {
      console.error(`A node logged ${JSON.stringify(line).slice(0, TOLD_CHARS)}`);
    }
  }
}

/** The log of a node. Lets tests wait for a line. */
export class LogLines {
  readonly all: LogLine[] = [];
  #waiting = new Set<(line: LogLine) => void>();

  constructor() {
    newest.push(this);
    if (newest.length > NODES) newest.shift();
  }

  add(text: string): void {
    const line = parse(text);
    this.all.push(line);
    for (const offer of this.#waiting) offer(line);
  }

  /** Resolves to the first line that fits, past or future. */
  async until(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return this.all.find(fits) ?? (await this.#next(fits));
  }

  #next(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve) => {
      const offer = (line: LogLine) => {
        if (!fits(line)) return;
        this.#waiting.delete(offer);
        resolve(line);
      };
      this.#waiting.add(offer);
    });
  }
}
