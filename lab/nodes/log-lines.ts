export type LogLine = Record<string, unknown>;

function parse(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    return { msg: text };
  }
}

/** The log of a node. Lets tests wait for a line. */
export class LogLines {
  readonly all: LogLine[] = [];
  #waiting = new Set<(line: LogLine) => void>();

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
