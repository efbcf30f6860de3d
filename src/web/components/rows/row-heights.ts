import type { ChatMessage } from '../../../client/index.js';

const LINE_CHARS = 80;
const LINE_PX = 26;
/** Edges and buttons. */
const AROUND_PX = 64;

/** Heights of messages: measured while they are shown, estimated before that. */
export class RowHeights {
  readonly #measured = new Map<number, number>();

  measure(messageId: number, px: number): void {
    this.#measured.set(messageId, px);
  }

  of({ id, content }: ChatMessage): number {
    return this.#measured.get(id) ?? AROUND_PX + Math.ceil(content.length / LINE_CHARS) * LINE_PX;
  }
}
