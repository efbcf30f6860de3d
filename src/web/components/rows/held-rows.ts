import type { Rows } from './row-spans.js';

/** A gap tells which rows it takes the place of. */
export const gapAttributes = ({ from, to }: Rows) => ({ 'data-from': from, 'data-to': to });

/** The rows of a child of the list; null for other children, such as buttons. */
type RowsOf = (child: Element) => Rows | null;

/** Rows that must stay in the document: the one with the focus, and those that are selected. */
export function heldRows(list: HTMLElement, count: number, indexOf: RowsOf): Rows[] {
  const rowsOf: RowsOf = (child) => {
    const { from, to } = (child as HTMLElement).dataset;
    return from === undefined ? indexOf(child) : { from: Number(from), to: Number(to) };
  };
  const focused = rowsAt(list, document.activeElement, rowsOf);
  const selected = selectedRows(list, count, rowsOf);
  return [focused, selected].filter((rows) => rows !== null);
}

function selectedRows(list: HTMLElement, count: number, rowsOf: RowsOf): Rows | null {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(list)) return null;
  const isBefore = range.comparePoint(list, 0) === 0;
  const isBehind = range.comparePoint(list, list.childNodes.length) === 0;
  const first = rowsAt(list, pointed(range.startContainer, range.startOffset), rowsOf);
  const last = rowsAt(list, pointed(range.endContainer, range.endOffset), rowsOf);
  return { from: isBefore ? 0 : (first?.from ?? 0), to: isBehind ? count : (last?.to ?? count) };
}

const pointed = (node: Node, offset: number): Node => node.childNodes[offset] ?? node;

function rowsAt(list: HTMLElement, node: Node | null, rowsOf: RowsOf): Rows | null {
  for (let at = node; at !== null; at = at.parentNode) {
    if (at.parentNode === list) return at instanceof Element ? rowsOf(at) : null;
  }
  return null;
}
