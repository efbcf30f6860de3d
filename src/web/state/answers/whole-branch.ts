import { ParleyError, type Rest } from '../../../client/index.js';
import type { Message } from '../../../contract/rest.js';

/** Messages of the longest branch that is read whole. */
const WHOLE_MESSAGES = 20_000;
const PAGE = 100;
const TRIES = 6;
const WAIT_MS = 1_000;

export interface WholeBranch {
  messages: readonly Message[];
  /** There are older ones, which are beyond the bound. */
  isCut: boolean;
}

interface Options {
  /** The end of the branch; null: of the active one. */
  leafId: number | null;
  signal: AbortSignal;
  onProgress(count: number): void;
}

/** All messages of a branch, oldest first, page by page and apart from what the page shows. */
export async function readWholeBranch(
  rest: Pick<Rest, 'messages'>,
  conversationId: number,
  { leafId, signal, onProgress }: Options,
): Promise<WholeBranch> {
  const pages: Message[][] = [];
  let count = 0;
  for (let before: number | null = null; ; ) {
    const from: { before?: number; leaf_message_id?: number } =
      before !== null ? { before } : leafId !== null ? { leaf_message_id: leafId } : {};
    const page = await patiently(signal, () =>
      rest.messages(conversationId, { ...from, limit: PAGE }),
    );
    signal.throwIfAborted();
    pages.unshift(page);
    count += page.length;
    onProgress(count);
    const first = page[0];
    if (first === undefined || first.parent_id === null)
      return { messages: pages.flat(), isCut: false };
    if (count >= WHOLE_MESSAGES) return { messages: pages.flat(), isCut: true };
    before = first.id;
  }
}

/** A long conversation takes many requests, of which a server may refuse some for a moment. */
async function patiently<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const again = error instanceof ParleyError && error.retryable && tries < TRIES;
      if (!again || signal.aborted) throw error;
      await pause(Math.max(WAIT_MS, error.retryAfterMs ?? 0), signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
