import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../contract/rest.js';
import { useApp } from '../../state/app.js';
import { Row } from './row.js';

/** Rows per block, and how far from the part in view a block still has its rows. */
const BLOCK_ROWS = 30;
const NEAR_PX = 1_200;

/** Some rows of the list. Far from the part in view only their height is there, so that the page does not grow. */
export const RowBlock = ({ items }: { items: readonly Conversation[] }) => {
  const { router, screen } = useApp();
  const ref = useRef<HTMLUListElement>(null);
  const near = useSignal(true);
  const rowHeight = useRef(0);
  useEffect(() => {
    const block = ref.current;
    if (block === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        const isKept = block.contains(document.activeElement);
        if (near.peek())
          rowHeight.current = entry.boundingClientRect.height / block.childElementCount;
        near.value = entry.isIntersecting || isKept;
      },
      { root: block.closest('.conversations'), rootMargin: `${NEAR_PX}px 0px` },
    );
    observer.observe(block);
    return () => observer.disconnect();
  }, []);
  const isUsed = ({ id }: Conversation) =>
    id === router.conversationId.value || id === screen.renaming.value?.conversationId;
  return near.value || items.some(isUsed) ? (
    <ul ref={ref}>
      {items.map((item) => (
        <Row key={item.id} conversation={item} />
      ))}
    </ul>
  ) : (
    <ul ref={ref} aria-hidden="true" style={{ height: `${rowHeight.current * items.length}px` }} />
  );
};

/** A list in pieces of the same length. */
export function blocksOf<T>(items: readonly T[]): T[][] {
  const blocks: T[][] = [];
  for (let at = 0; at < items.length; at += BLOCK_ROWS)
    blocks.push(items.slice(at, at + BLOCK_ROWS));
  return blocks;
}
