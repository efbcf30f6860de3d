import type { Ask } from './book.js';
import { isNote, targetOf } from './deeds.js';
import type { Facts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** How long a node that was frozen or cut off may go on asking for an answer that was deleted. */
const CALLS_AFTER_MS = 30_000;

/** Every deleted message is gone with everything below it, and no other. */
export function checkGone(facts: Facts): Finding[] {
  const { rows, tree, evidence } = facts;
  const gone = tree.all.filter(({ id }) => !rows.has(id));
  const taken = gone.filter(({ id }) => !facts.mayBeGone(id));
  const orphans = evidence.rows.filter(({ parentId }) => parentId !== null && !rows.has(parentId));
  const running = evidence.unfinished.filter((id) => !rows.has(id));
  return [
    ...taken.map(({ id }) => finding('lost', null, id, 'gone, though nobody deleted it')),
    ...orphans.map(({ id }) => finding('wrong', null, id, 'still there, below what is gone')),
    ...running.map((id) => finding('wrong', null, id, 'was deleted, and was not ended')),
    ...checkCalls(facts),
  ];
}

/** The model is no longer asked for deleted answers. */
function checkCalls(facts: Facts): Finding[] {
  const deletions = facts.asks.filter(
    ({ deed, receipts }) => deed.kind === 'delete' && receipts.length > 0,
  );
  return deletions.flatMap(({ gone, endedAt }) => {
    const asked = [...gone].flatMap((id) => facts.naming(id));
    return asked.flatMap(({ key }) =>
      (facts.evidence.calls.get(key) ?? [])
        .filter(({ at }) => at > endedAt + CALLS_AFTER_MS)
        .map(() => finding('wrong', key, null, 'the model was asked after the deletion')),
    );
  });
}

/** The ids of the active branch, oldest first. */
export const activeBranch = ({ tree, evidence }: Facts, conversationId: number): number[] =>
  tree
    .upFrom(evidence.leaves.get(conversationId) ?? null)
    .map(({ id }) => id)
    .reverse();

/** The active leaf is a leaf, and that of the last deed if one was certainly the last. */
export function checkLeaves(facts: Facts): Finding[] {
  return [...facts.evidence.leaves].flatMap(([conversationId, leafId]) => {
    const found = checkLeaf(conversationId, leafId, facts);
    if (found) return [finding('wrong', null, leafId, found)];
    const last = lastOf(conversationId, facts);
    if (!last || leadsTo(last, leafId, facts)) return [];
    const what = `conversation ${conversationId} shows ${leafId} after ${last.deed.kind} ${targetOf(last.deed)}`;
    return [finding('wrong', last.key, leafId, what)];
  });
}

function checkLeaf(conversationId: number, leafId: number | null, { rows, tree }: Facts) {
  if (leafId === null) {
    const left = [...rows.values()].filter((row) => row.conversationId === conversationId);
    return left.length > 0 ? `conversation ${conversationId} shows none of its messages` : null;
  }
  if (rows.get(leafId)?.conversationId !== conversationId) return 'the active leaf is not there';
  const isInside = tree.children(leafId).some(({ id }) => rows.has(id));
  return isInside ? 'the active leaf has messages below it' : null;
}

const MOVES: readonly string[] = ['send', 'edit', 'regenerate', 'select', 'delete'];

/** A repetition of a selection moves the branch again, as long as an event may take. */
const lastEffect = ({ deed, endedAt }: Ask): number =>
  endedAt + (deed.kind === 'select' || deed.kind === 'delete' ? 20_000 : 0);

/** The deed that began after all others of its conversation had ended; undefined if two may have crossed. */
function lastOf(conversationId: number, facts: Facts): Ask | undefined {
  const asks = facts.inConversation(conversationId);
  const moves = asks.filter(({ deed }) => MOVES.includes(deed.kind));
  const last = moves.reduce<Ask | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined);
  const isAlone = moves.every((ask) => ask === last || lastEffect(ask) < (last?.at ?? 0));
  return last && last.receipts.length > 0 && isAlone ? last : undefined;
}

function leadsTo(last: Ask, leafId: number | null, facts: Facts): boolean {
  const { kind } = last.deed;
  if (kind === 'delete' || facts.isInPlace(last)) return true;
  if (kind === 'select') return facts.tree.isAtOrBelow(leafId ?? 0, targetOf(last.deed) ?? 0);
  const { questionId = null, answerId = null } = last.receipts[0] ?? {};
  return leafId === (isNote(last.deed) ? questionId : answerId);
}
