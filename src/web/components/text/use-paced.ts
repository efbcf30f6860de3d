import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Block, BlockReader } from '../../markdown/blocks.js';
import { afterFrame } from '../../state/device/frame.js';

/**
 * The pause after a reading of a growing text is this many times as long as the reading took. It is shorter than the
 * pause between two texts.
 */
const PAUSE = 4;

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
    const wait = () => {
      const ended = performance.now();
      current.due = ended + (ended - current.began) * PAUSE;
    };
    wait();
    // The time is measured again after the layout and paint of this frame.
    afterFrame(wait);
  });
  // An effect after the frame would ask for one more.
  useLayoutEffect(() => {
    if (!behind || reads) return;
    let frame = 0;
    const timer = setTimeout(() => {
      frame = requestAnimationFrame(() => again(0));
    }, current.due - performance.now());
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  });
  return blocks.current;
}
