import { firstDifference } from './answers.js';
import type { Shown, View } from './book.js';
import { activeBranch } from './check-branches.js';
import type { Facts, Row } from './facts.js';
import { type Finding, finding } from './finding.js';
import { clock } from './journal.js';
import { keyOf } from './texts.js';

type Say = (answerId: number | null, what: string) => Finding;

/**
 * A device that stayed shows the active branch as it is stored; a device that left shows the branch as it was stored
 * then.
 */
export function checkView(view: View, facts: Facts): Finding[] {
  const left = view.leftAt === null ? '' : `, left at ${clock(view.leftAt)}`;
  const where = `${view.phone} (${view.trail.slice(-3).join(', ')}${left})`;
  const say: Say = (answerId, what) => {
    const question = facts.rows.get(facts.tree.get(answerId)?.parentId ?? 0);
    return finding('mismatch', keyOf(question?.content ?? ''), answerId, `${where} ${what}`);
  };
  const held = [...view.screen].flatMap(([id, shown]) => checkHeld(id, shown, view, facts, say));
  const ends = held.length > 0 ? [] : checkEnds(view, facts, say);
  return [...checkBranch(view, facts, say), ...checkQuestions(view, facts, say), ...held, ...ends];
}

function checkBranch({ leftAt, branch, conversationId }: View, facts: Facts, say: Say): Finding[] {
  if (leftAt !== null) return [];
  const active = activeBranch(facts, conversationId);
  if (branch.join() === active.join()) return [];
  return [say(null, `shows the branch ${branch.join()} instead of ${active.join()}`)];
}

function checkQuestions({ leftAt, questions }: View, { rows }: Facts, say: Say): Finding[] {
  if (leftAt !== null) return [];
  return [...questions].flatMap(([id, text]) => {
    const row = rows.get(id);
    if (!row) return [say(null, `shows question ${id}, which is not stored`)];
    if (row.content === text) return [];
    return [say(null, `question ${id} ${firstDifference(text, [row.content])}`)];
  });
}

function checkHeld(id: number, shown: Shown, view: View, facts: Facts, say: Say): Finding[] {
  const row = facts.rows.get(id);
  const { leftAt } = view;
  if (!row) {
    const isLeft = leftAt !== null && facts.mayBeGone(id);
    return isLeft ? [] : [say(id, 'shows what is not stored')];
  }
  const now = difference(shown, row, leftAt !== null && isContinued(id, facts));
  return now ? [say(id, now)] : [];
}

/** Answers that the device no longer holds are checked for how it saw them end. */
function checkEnds({ ends }: View, facts: Facts, say: Say): Finding[] {
  return [...ends].flatMap(([id, all]) => {
    const row = facts.rows.get(id);
    if (!row) return [];
    const mayLack = isContinued(id, facts);
    const found = all.map((end) => difference(end, row, mayLack)).find((each) => each !== null);
    return found ? [say(id, `at its end ${found}`)] : [];
  });
}

const isContinued = (id: number, facts: Facts) => facts.doneTo(id, 'continue').length > 0;

/** `mayLack`: it has been continued, and an earlier attempt is shown. */
function difference({ status, attempt, text }: Shown, row: Row, mayLack: boolean): string | null {
  if (mayLack && attempt < row.attempt) {
    return row.content.startsWith(text) ? null : firstDifference(text, [row.content]);
  }
  if (status !== row.status) return `shows ${status} for ${row.status}`;
  return text === row.content ? null : firstDifference(text, [row.content]);
}
