import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Block, BlockReader } from '../markdown/blocks.js';

/** A growing text takes at most one part in this many of the page's time. */
const SHARE = 8;

/**
 * The blocks of a text. While it grows, a text that takes long to parse and to show is parsed less often, so that the
 * page stays usable. When it is complete, it is parsed at once.
 */
export function usePaced(
  createReader: () => BlockReader,
  text: string,
  done: boolean,
): readonly Block[] {
  const [, again] = useReducer((count: number) => count + 1, 0);
  const reader = useRef<BlockReader | null>(null);
  reader.current ??= createReader();
  const blocks = useRef<readonly Block[]>([]);
  const pace = useRef({ text: '', done: false, began: 0, due: 0 });
  const { current } = pace;
  const now = performance.now();
  const behind = current.text !== text || current.done !== done;
  const reads = behind && (done || now >= current.due);
  if (reads) {
    Object.assign(current, { text, done, began: now });
    blocks.current = reader.current(text, done);
  }
  useLayoutEffect(() => {
    if (!reads) return;
    const ended = performance.now();
    current.due = ended + (ended - current.began) * SHARE;
  });
  useEffect(() => {
    if (!behind || reads) return;
    const timer = setTimeout(() => again(0), current.due - performance.now());
    return () => clearTimeout(timer);
  });
  return blocks.current;
}
