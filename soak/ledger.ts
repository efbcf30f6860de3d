import { type Stored as Answer, firstDifference, judgeAnswer } from './answers.js';
import type { Ask, Shown, View } from './book.js';
import type { Call } from './model.js';
import { keyOf } from './texts.js';

/** A question as stored in Postgres, with its answers. */
export interface Turn {
  id: number;
  conversationId: number;
  content: string;
  answers: Answer[];
}

/** `stuck`: a send without a reply, although everything runs again. `disorder`: deltas that the protocol rules out. */
export const BAD = ['lost', 'doubled', 'wrong', 'mismatch', 'disorder', 'stuck'] as const;
export type Bad = (typeof BAD)[number];

export interface Finding {
  bad: Bad;
  key: string | null;
  answerId: number | null;
  what: string;
}

export interface Ledger {
  counts: Record<
    | 'asked'
    | 'acknowledged'
    | 'refused'
    | 'completed'
    | 'stopped'
    | 'failed'
    | 'interrupted'
    | 'givenUp'
    | Bad,
    number
  >;
  /** Highest attempt of any answer, and the number of answers with more than one. */
  attempts: { most: number; many: number };
  screens: number;
  findings: Finding[];
}

export interface Evidence {
  asks: ReadonlyMap<string, Ask>;
  turns: readonly Turn[];
  calls: ReadonlyMap<string, readonly Call[]>;
  views: readonly View[];
  /** Complaints of raw devices. */
  disorder: readonly Finding[];
}

const finding = (bad: Bad, key: string | null, answerId: number | null, what: string): Finding => ({
  bad,
  key,
  answerId,
  what,
});

/** Turns by the key of their question. */
function byKey(turns: readonly Turn[]): Map<string, Turn[]> {
  const all = new Map<string, Turn[]>();
  for (const turn of turns) {
    const key = keyOf(turn.content) ?? turn.content;
    all.set(key, [...(all.get(key) ?? []), turn]);
  }
  return all;
}

function checkReceipts({ key, receipts, refused }: Ask, turns: readonly Turn[]): Finding[] {
  const said = new Set(receipts.map((receipt) => JSON.stringify(receipt)));
  const [receipt] = receipts;
  const doubled = said.size > 1 || turns.length > 1;
  const names = `named ${[...said].join(' and ')}, stored ${turns.map(({ id }) => id).join()}`;
  if (doubled) return [finding('doubled', key, null, names)];
  if (!receipt) return refused === null ? [finding('stuck', key, null, 'no reply')] : [];
  const answers = turns[0]?.answers ?? [];
  const isThere = turns[0]?.id === receipt.questionId && answers[0]?.id === receipt.answerId;
  return isThere ? [] : [finding('lost', key, receipt.answerId, `acknowledged, but ${names}`)];
}

function checkTurn(key: string, { answers, content }: Turn, evidence: Evidence): Finding[] {
  const asked = evidence.asks.get(key)?.content ?? '';
  if (content !== asked) return [finding('wrong', key, null, firstDifference(content, [asked]))];
  if (answers.length > 1) return [finding('doubled', key, null, `${answers.length} answers`)];
  const [answer] = answers;
  if (!answer) return [finding('lost', key, null, 'a question without its answer')];
  const wasStopped = evidence.asks.get(key)?.stopAt != null;
  const { fault, why } = judgeAnswer(answer, evidence.calls.get(key) ?? [], wasStopped);
  return fault ? [finding(fault, key, answer.id, why)] : [];
}

function checkShown(
  key: string,
  answer: Answer,
  shown: Shown | undefined,
  where: string,
): Finding[] {
  const mismatch = (what: string) => [finding('mismatch', key, answer.id, `${where} ${what}`)];
  if (!shown) return mismatch('does not show it');
  const { status, text } = shown;
  if (status !== answer.status) return mismatch(`shows ${status} for ${answer.status}`);
  return text === answer.content ? [] : mismatch(firstDifference(text, [answer.content]));
}

type KnownAnswer = readonly [key: string, answer: Answer];

/** A device that left is checked for what it showed; one that stayed, for everything. */
function checkView(view: View, answers: readonly KnownAnswer[]): Finding[] {
  const { leftAt, screen, ends } = view;
  const phone = `${view.phone} (${view.trail.slice(-3).join(', ')})`;
  const strange = [...screen.keys()].filter(
    (id) => !answers.some(([, answer]) => answer.id === id),
  );
  const found = strange.map((id) =>
    finding('mismatch', null, id, `${phone} shows what is not stored`),
  );
  for (const [key, answer] of answers) {
    if (leftAt !== null && !screen.has(answer.id)) continue;
    const now = checkShown(key, answer, screen.get(answer.id), phone);
    const then = ends.get(answer.id);
    found.push(...now);
    if (then && now.length === 0)
      found.push(...checkShown(key, answer, then, `${phone} at its end`));
  }
  return found;
}

function checkViews({ views }: Evidence, turns: ReadonlyMap<string, Turn[]>): Finding[] {
  const known = new Map<number, KnownAnswer[]>();
  for (const [key, [turn]] of turns) {
    if (!turn) continue;
    const pairs = turn.answers.map((answer): KnownAnswer => [key, answer]);
    known.set(turn.conversationId, [...(known.get(turn.conversationId) ?? []), ...pairs]);
  }
  return views.flatMap((view) => checkView(view, known.get(view.conversationId) ?? []));
}

/** Compares everything that was asked with Postgres, with the model's text, and with every screen. */
export function drawUp(evidence: Evidence): Ledger {
  const turns = byKey(evidence.turns);
  const asks = [...evidence.asks.values()];
  const findings = [
    ...asks.flatMap((ask) => checkReceipts(ask, turns.get(ask.key) ?? [])),
    ...[...turns].flatMap(([key, all]) => all.flatMap((turn) => checkTurn(key, turn, evidence))),
    ...checkViews(evidence, turns),
    ...evidence.disorder,
  ];
  const answers = evidence.turns.flatMap((turn) => turn.answers);
  const ended = (status: string) => answers.filter((answer) => answer.status === status).length;
  const bad = Object.fromEntries(
    BAD.map((kind) => [kind, findings.filter((each) => each.bad === kind).length]),
  ) as Record<Bad, number>;
  return {
    counts: {
      asked: asks.length,
      acknowledged: asks.filter(({ receipts }) => receipts.length > 0).length,
      refused: asks.filter(({ refused }) => refused !== null).length,
      completed: ended('completed'),
      stopped: ended('stopped'),
      failed: ended('failed'),
      interrupted: ended('interrupted'),
      givenUp: answers.filter(({ errorCode }) => errorCode === 'unavailable').length,
      ...bad,
    },
    attempts: {
      most: Math.max(0, ...answers.map(({ attempt }) => attempt)),
      many: answers.filter(({ attempt }) => attempt > 1).length,
    },
    screens: evidence.views.reduce((sum, { screen }) => sum + screen.size, 0),
    findings,
  };
}
