/** The inside of an element that is not patched node by node. */
export interface Managed {
  /** Takes over the contents of `next`. False: it cannot, and must be replaced. */
  takeFrom(next: Managed): boolean;
}

export type ManagedElements = WeakMap<Node, Managed>;

/** Attributes that belong to the reader. */
const KEPT = new Set(['open']);

/**
 * Makes the children of `parent` equal to those of `next`, with as few changes as possible: equal nodes stay, and texts
 * are changed only behind their common beginning. So a selection stays, too.
 */
export function patchChildren(parent: Node, next: Node, managed: ManagedElements): void {
  let old = parent.firstChild;
  for (const node of [...next.childNodes]) {
    if (old === null) {
      parent.appendChild(node);
      continue;
    }
    const following: ChildNode | null = old.nextSibling;
    if (!patchNode(old, node, managed)) old.replaceWith(node);
    old = following;
  }
  while (old !== null) {
    const following: ChildNode | null = old.nextSibling;
    old.remove();
    old = following;
  }
}

/** False: the two have nothing in common. */
export function patchNode(old: Node, next: Node, managed: ManagedElements): boolean {
  const inside = managed.get(old);
  const wanted = managed.get(next);
  if (inside !== undefined || wanted !== undefined) {
    return inside !== undefined && wanted !== undefined && inside.takeFrom(wanted);
  }
  if (old instanceof Text && next instanceof Text) {
    patchText(old, next.data);
    return true;
  }
  if (!(old instanceof Element && next instanceof Element) || old.nodeName !== next.nodeName)
    return false;
  patchAttributes(old, next);
  patchChildren(old, next, managed);
  return true;
}

function patchAttributes(old: Element, next: Element): void {
  for (const { name } of [...old.attributes]) {
    if (!KEPT.has(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (!KEPT.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

export function patchText(text: Text, data: string): void {
  const before = text.data;
  if (before === data) return;
  if (data.startsWith(before)) {
    text.appendData(data.slice(before.length));
    return;
  }
  let same = 0;
  while (same < before.length && before.charCodeAt(same) === data.charCodeAt(same)) same += 1;
  text.replaceData(same, before.length - same, data.slice(same));
}
