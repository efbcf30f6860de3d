import { failure } from '../failures.js';
import {
  type Chunks,
  type Control,
  MAX_BUFFER,
  type Sink,
  type TakeData,
} from '../transport/consume-body.js';
import { parseJson } from './event-data.js';

/** A body that begins as JSON: a whole answer, or one piece per line if the first line is complete JSON. */
export function readJson(chunks: Chunks, control: Control, take: TakeData): Sink {
  const lines = new JsonLines();
  let first: unknown;
  let count = 0;
  return {
    text: (text) => {
      for (const line of lines.feed(text)) {
        if (count++ === 0) first = parseJson(line);
        take(line);
      }
      if (lines.waiting > MAX_BUFFER) control.fail(failure('too_large'));
    },
    end: () => {
      const rest = lines.rest();
      if (count === 0) chunks.takeWhole(rest);
      else if (rest.trim() !== '') take(rest);
      else if (count === 1) chunks.closeWhole(first);
      return chunks.end;
    },
  };
}

class JsonLines {
  #pieces: string[] = [];
  #waiting = 0;
  /** Undefined until the first line has arrived. */
  #areLines: boolean | undefined;

  /** Number of buffered characters. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The incomplete line, or everything if the JSON spans several lines. */
  rest(): string {
    return this.#pieces.join('');
  }

  feed(text: string): string[] {
    this.#pieces.push(text);
    this.#waiting += text.length;
    if (this.#areLines === false || !text.includes('\n')) return [];
    const lines = this.rest().split('\n');
    this.#areLines ??= parseJson(lines[0] ?? '') !== undefined;
    if (!this.#areLines) return [];
    const last = lines.pop() ?? '';
    this.#pieces = [last];
    this.#waiting = last.length;
    return lines.filter((line) => line.trim() !== '');
  }
}
