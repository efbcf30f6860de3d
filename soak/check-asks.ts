import type { Ask } from './book.js';
import { type DeedKind, isNote, type Receipt, targetOf } from './deeds.js';
import type { Facts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Every acknowledged message is there, once, unless it was deleted. */
export function checkAsk(ask: Ask, facts: Facts): Finding[] {
  const { key, receipts, refused } = ask;
  const said = [...new Set(receipts.map((receipt) => JSON.stringify(receipt)))];
  const [receipt] = receipts;
  const own = facts.rowsOf(key).map(({ id }) => id);
  const isOther = (id: number) => id !== receipt?.questionId && id !== receipt?.answerId;
  if (said.length > 1 || own.length > 1 || (receipt && own.some(isOther))) {
    const names = `named ${said.join(' and ')}, stored ${own.join()}`;
    return [finding('doubled', key, null, names)];
  }
  if (!receipt) return refused === null ? [finding('stuck', key, null, 'no reply')] : [];
  const { kind } = ask.deed;
  if (kind === 'delete') return checkDeletion(ask, facts);
  if (kind === 'continue') return checkContinued(ask, receipt, facts);
  return kind === 'select' ? [] : checkMade(ask, receipt, facts);
}

function checkMade(ask: Ask, receipt: Receipt, facts: Facts): Finding[] {
  const { questionId, answerId } = receipt;
  if (isNote(ask.deed)) return checkNote(ask, receipt, facts);
  const lost = [questionId, answerId].find((id) => isLost(id, facts));
  if (lost !== undefined) {
    const what = `acknowledged, but ${lost} is not there: ${JSON.stringify(receipt)}`;
    return [finding('lost', ask.key, answerId, what)];
  }
  if (isSibling(ask, receipt, facts)) return [];
  return [finding('wrong', ask.key, answerId, `not beside ${targetOf(ask.deed)}`)];
}

const isLost = (id: number | null, facts: Facts): boolean =>
  id === null || (!facts.rows.has(id) && !facts.mayBeGone(id));

/** The note is there, and nobody was asked. */
function checkNote({ key }: Ask, { questionId, answerId }: Receipt, facts: Facts): Finding[] {
  if (isLost(questionId, facts))
    return [finding('lost', key, questionId, 'a note, acknowledged, is not there')];
  const answers = facts.tree.children(questionId ?? 0).filter(({ role }) => role === 'assistant');
  if (answerId !== null || answers.length > 0)
    return [finding('wrong', key, questionId, 'a note has an answer')];
  if (!facts.evidence.calls.has(key)) return [];
  return [finding('wrong', key, questionId, 'the model was asked to answer a note')];
}

/** Another answer has the question of the one before, another question the parent of the one before. */
function isSibling(ask: Ask, { questionId, answerId }: Receipt, facts: Facts): boolean {
  const { tree } = facts;
  const target = tree.get(targetOf(ask.deed));
  if (!target || facts.isInPlace(ask)) return true;
  const made = tree.get(target.role === 'assistant' ? answerId : questionId);
  return made?.parentId === target.parentId && made?.id !== target.id;
}

function checkContinued({ key, deed, attempt }: Ask, { answerId }: Receipt, facts: Facts) {
  if (answerId !== targetOf(deed)) {
    return [finding('wrong', key, answerId, `continues ${targetOf(deed)} as another message`)];
  }
  const row = facts.rows.get(answerId ?? 0);
  if (row ? row.attempt >= attempt : facts.mayBeGone(answerId ?? 0)) return [];
  return [finding('lost', key, answerId, `continued as ${attempt}, but is ${row?.attempt}`)];
}

function checkDeletion({ key, deed, gone }: Ask, facts: Facts): Finding[] {
  const target = targetOf(deed) ?? 0;
  const ids = [...new Set([target, ...gone])];
  return ids.flatMap((id) => {
    if (facts.rows.has(id)) return [finding('lost', key, id, 'deleted, but it is still there')];
    if (facts.tree.isAtOrBelow(id, target)) return [];
    return [finding('wrong', key, id, `deleted with ${target}, which is not above it`)];
  });
}

const MAKERS: ReadonlySet<DeedKind> = new Set(['send', 'edit', 'regenerate']);

/** No call has made more than one message, whether it was acknowledged or not. */
export function checkNumbers(facts: Facts): Finding[] {
  const receipts = facts.asks.flatMap((ask) => ask.receipts);
  const named = new Set(receipts.flatMap(({ questionId, answerId }) => [questionId, answerId]));
  const isUnnamed = ({ id }: { id: number }) => !named.has(id);
  const isAcknowledged = (id: number) => facts.makersOf(id).length > 0;
  const open = facts.asks.filter(
    (ask) => MAKERS.has(ask.deed.kind) && ask.receipts.length === 0 && facts.mayBeDone(ask),
  );
  const questions = facts.tree.all.filter(({ role }) => role === 'user');
  const strange = questions.filter(isUnnamed).map(({ id }) => id);
  const most = open.filter((ask) => ask.deed.kind !== 'regenerate' && !facts.givesAnswer(ask));
  const found =
    strange.length > most.length
      ? [finding('doubled', null, null, `questions that nobody asked, among ${strange.join()}`)]
      : [];
  return [...found, ...questions.flatMap(({ id }) => checkAnswers(id)), ...checkShared(facts)];

  function checkAnswers(questionId: number): Finding[] {
    const answers = facts.tree.children(questionId).filter(({ role }) => role === 'assistant');
    const others = open.filter(({ deed }) => {
      const target = facts.tree.get(targetOf(deed));
      return target?.role === 'assistant' && target.parentId === questionId;
    });
    const unnamed = answers.filter(isUnnamed).length;
    const allowed = others.length + (isAcknowledged(questionId) ? 0 : 1);
    if (unnamed > allowed) {
      const what = `${unnamed} unnamed answers of question ${questionId}, at most ${allowed} expected`;
      return [finding('doubled', null, answers.at(-1)?.id ?? null, what)];
    }
    if (answers.length > 0 || facts.mayBeNote(questionId)) return [];
    return [finding('lost', null, null, `question ${questionId} without its answer`)];
  }
}

/** Two calls that each make an answer have made two. */
function checkShared(facts: Facts): Finding[] {
  const owners = new Map<number, string>();
  return facts.asks.flatMap((ask) => {
    const id = ask.receipts[0]?.answerId ?? null;
    if (id === null || ask.deed.kind === 'continue' || facts.isInPlace(ask)) return [];
    const owner = owners.get(id);
    owners.set(id, ask.key);
    return owner ? [finding('lost', ask.key, id, `got the answer of ${owner}`)] : [];
  });
}
