import { firstDifference, judgeAnswer, type Past } from './answers.js';
import { contentOf } from './deeds.js';
import type { Facts, Row } from './facts.js';
import { type Finding, finding } from './finding.js';
import type { Call } from './model.js';
import { partsOf } from './parts.js';
import { keyOf } from './texts.js';

/** Every question has the text that was asked, and every answer that of the model. */
export function checkTexts(facts: Facts): Finding[] {
  return facts.evidence.rows.flatMap((row) => {
    if (row.role !== 'user') return checkAnswer(row, facts);
    return [...checkQuestion(row, facts), ...checkUses(row, facts)];
  });
}

function checkQuestion(row: Row, facts: Facts): Finding[] {
  const { content } = row;
  const texts = facts.textsOf(row);
  if (texts.includes(content)) return [];
  const own = facts.evidence.asks.get(keyOf(content) ?? '');
  const isOlder = own !== undefined && contentOf(own.deed) === content;
  const what = `question ${row.id}: ${firstDifference(content, texts)}`;
  return [finding(isOlder ? 'lost' : 'wrong', keyOf(content), null, what)];
}

const callsFor = (row: Row, { rows, evidence }: Facts): readonly Call[] =>
  evidence.calls.get(keyOf(rows.get(row.parentId ?? 0)?.content ?? '') ?? '') ?? [];

function checkAnswer(row: Row, facts: Facts): Finding[] {
  const edit = facts.editThatMade(row);
  if (edit) {
    const text = contentOf(edit.deed) ?? '';
    if (row.content === text && row.status === 'completed') return [];
    const what = `${row.status} ${firstDifference(row.content, [text])}`;
    return [finding('wrong', edit.key, row.id, what)];
  }
  const question = facts.rows.get(row.parentId ?? 0);
  const { fault, why } = judgeAnswer(row, callsFor(row, facts), pastOf(row, facts));
  return fault ? [finding(fault, keyOf(question?.content ?? ''), row.id, why)] : [];
}

function pastOf(row: Row, facts: Facts): Past {
  const { id } = row;
  const { stops } = facts.evidence;
  const again = facts.doneTo(id, 'regenerate').length > 0;
  const continues = facts.doneTo(id, 'continue');
  const kept = continues.flatMap((ask) => (ask.receipts.length > 0 ? (ask.kept ?? []) : []));
  const wasStopped = stops.has(id) || again || facts.mayBeGone(id) || facts.mayBeInterrupted(row);
  return { wasStopped, continues: continues.length, kept };
}

/** Each call of the model has given its text to one answer. */
function checkUses(question: Row, facts: Facts): Finding[] {
  const used = new Map<Call, number>();
  const key = keyOf(question.content);
  return facts.tree.children(question.id).flatMap(({ id }) => {
    const row = facts.rows.get(id);
    if (row?.role !== 'assistant' || facts.editThatMade(row)) return [];
    const parts = partsOf(row.content, callsFor(row, facts)) ?? [];
    return parts.flatMap(({ call, text }) => {
      // Anything shorter may be the beginning of several calls' texts.
      if (!text.includes('»')) return [];
      const other = used.get(call);
      used.set(call, id);
      return other ? [finding('doubled', key, id, `has a text of answer ${other}`)] : [];
    });
  });
}
