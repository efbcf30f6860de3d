import type { ManagedElements } from './patch.js';

/** The end of a block's HTML behind its last text. */
const CLOSERS = /(?:<\/[a-z\d]+>\s*)*$/;
const INNERMOST = /^<\/([a-z\d]+)>/;
/** Characters that cannot be part of a text between tags. */
const NO_TEXT = /[<>&\0\r]/;
const SIGNS: Record<string, string> = {
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

/**
 * Appends to the last text of a block, if its HTML differs in nothing else. Then nothing needs to be parsed and
 * sanitised, because text between tags is only text. False: something else has changed.
 */
export function appendGrown(
  root: Element,
  before: string,
  next: string,
  managed: ManagedElements,
): boolean {
  const end = CLOSERS.exec(before)?.[0] ?? '';
  const kept = before.slice(0, before.length - end.length);
  if (end === '' || next.length <= before.length) return false;
  if (!next.startsWith(kept) || !next.endsWith(end)) return false;
  const grown = textOf(next.slice(kept.length, next.length - end.length));
  const last = textOf(kept.slice(kept.lastIndexOf('>') + 1));
  const node = lastText(root, managed);
  if (grown === null || node === null || last === '' || node.data !== last) return false;
  // A tag that the sanitizer has removed has no element.
  if (node.parentElement?.localName !== INNERMOST.exec(end)?.[1]) return false;
  node.appendData(grown);
  return true;
}

/** Null if it is more than text. */
function textOf(html: string): string | null {
  const bare = html.replace(/&(?:quot|#39|lt|gt|amp);/g, '');
  return NO_TEXT.test(bare)
    ? null
    : html.replace(/&(?:quot|#39|lt|gt|amp);/g, (sign) => SIGNS[sign] ?? sign);
}

/** The last text inside an element, without line breaks between elements. Null if the last node is something else. */
function lastText(root: Element, managed: ManagedElements): Text | null {
  for (let node: Node = root; ; ) {
    const { lastChild } = node;
    const isBreak = lastChild instanceof Text && lastChild.data.trim() === '';
    const next = isBreak ? lastChild.previousSibling : lastChild;
    if (next === null || managed.has(next)) return null;
    if (next instanceof Text) return next;
    node = next;
  }
}
