import type { DraftNode } from './draft.js';

/**
 * Sorts nodes with parents first, and takes each parent from among them: a missing parent counts as none, and a cycle
 * is cut at its first node. Siblings keep their order. It does not recurse, because trees may be deep.
 */
export function arrange(nodes: readonly DraftNode[]): DraftNode[] {
  const byId = new Map<string, DraftNode>();
  for (const node of nodes) if (!byId.has(node.id)) byId.set(node.id, { ...node });
  const all = [...byId.values()];
  for (const node of all) {
    if (node.parent !== null && !byId.has(node.parent)) node.parent = null;
  }
  return isInOrder(all) ? all : inTreeOrder(all);
}

/** True if the file's own order tells which sibling is older, and which leaf is the newest. */
function isInOrder(nodes: readonly DraftNode[]): boolean {
  const seen = new Set<string>();
  for (const { id, parent, rank } of nodes) {
    if (rank !== undefined || (parent !== null && !seen.has(parent))) return false;
    seen.add(id);
  }
  return true;
}

function inTreeOrder(nodes: readonly DraftNode[]): DraftNode[] {
  const children = childrenOf(nodes);
  const ordered: DraftNode[] = [];
  const seen = new Set<string>();
  const descend = (root: DraftNode) => {
    const waiting = [root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (seen.has(node.id)) continue;
      seen.add(node.id);
      ordered.push(node);
      for (const child of children.get(node.id) ?? []) waiting.push(child);
    }
  };
  for (const node of nodes) if (node.parent === null) descend(node);
  for (const node of nodes) {
    if (seen.has(node.id)) continue;
    node.parent = null;
    descend(node);
  }
  return ordered;
}

/** The last one comes first: nodes are taken from the end. */
function childrenOf(nodes: readonly DraftNode[]): Map<string, DraftNode[]> {
  const children = new Map<string, DraftNode[]>();
  for (const node of nodes) {
    if (node.parent === null) continue;
    const siblings = children.get(node.parent);
    if (siblings) siblings.push(node);
    else children.set(node.parent, [node]);
  }
  for (const siblings of children.values()) {
    siblings.sort((a, b) => (b.rank ?? 0) - (a.rank ?? 0));
    if (siblings.every(({ rank }) => rank === undefined)) siblings.reverse();
  }
  return children;
}

export interface Kept {
  nodes: DraftNode[];
  /** Every node leads to itself, or to the nearest one above it that stays. */
  nearest: ReadonlyMap<string, string | null>;
}

/** Leaves nodes out, parents first. The children of one that is left out move up to its nearest parent that stays. */
export function keep(nodes: readonly DraftNode[], stays: (node: DraftNode) => boolean): Kept {
  const nearest = new Map<string, string | null>();
  const kept: DraftNode[] = [];
  for (const node of nodes) {
    const parent = node.parent === null ? null : (nearest.get(node.parent) ?? null);
    if (stays(node)) kept.push({ ...node, parent });
    nearest.set(node.id, stays(node) ? node.id : parent);
  }
  return { nodes: kept, nearest };
}

const joined = (above: string, below: string): string =>
  above === '' || below === '' ? above + below : `${above}\n\n${below}`;

/**
 * Joins answers that follow one another, at the position of the first; parents first. An answer that is also followed
 * by a question stays as it is beside that.
 */
export function mergeAnswers(nodes: readonly DraftNode[]): DraftNode[] {
  const byId = new Map(nodes.map((node) => [node.id, { ...node }]));
  const goesOn = new Set<string>();
  const asksOn = new Set<string>();
  for (const node of byId.values()) {
    const above = node.parent === null ? undefined : byId.get(node.parent);
    if (above?.role !== 'assistant') continue;
    if (node.role !== 'assistant') {
      asksOn.add(above.id);
      continue;
    }
    goesOn.add(above.id);
    node.text = joined(above.text, node.text);
    node.reasoning = joined(above.reasoning, node.reasoning);
    node.at ??= above.at;
    node.parent = above.parent;
  }
  return keep([...byId.values()], ({ id }) => !goesOn.has(id) || asksOn.has(id)).nodes;
}

/** The newest leaf below a node: the last one in the order of parents first. */
export function newestLeaf(nodes: readonly DraftNode[], id: string): string {
  const below = new Set([id]);
  let leaf = id;
  for (const node of nodes) {
    if (node.parent === null || !below.has(node.parent)) continue;
    below.add(node.id);
    leaf = node.id;
  }
  return leaf;
}
