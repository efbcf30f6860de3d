import { checkAsk, checkNumbers } from './check-asks.js';
import { checkGone, checkLeaves } from './check-branches.js';
import { checkOrder } from './check-order.js';
import { checkTexts } from './check-texts.js';
import { checkView } from './check-views.js';
import { type Deed, type DeedKind, interrupts, isNote } from './deeds.js';
import { type Evidence, Facts } from './facts.js';
import { BAD, type Bad, type Finding } from './finding.js';

export interface Ledger {
  counts: Record<
    | 'asked'
    | 'acknowledged'
    | 'refused'
    | 'edited'
    | 'regenerated'
    | 'continued'
    | 'selected'
    | 'deleted'
    | 'interrupting'
    | 'notes'
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

/** Compares everything that was done with Postgres, with the model's text, and with every screen. */
export function drawUp(evidence: Evidence): Ledger {
  const facts = new Facts(evidence);
  const { asks } = facts;
  const findings = [
    ...asks.flatMap((ask) => checkAsk(ask, facts)),
    ...checkNumbers(facts),
    ...checkTexts(facts),
    ...checkGone(facts),
    ...checkLeaves(facts),
    ...checkOrder(facts),
    ...evidence.views.flatMap((view) => checkView(view, facts)),
    ...evidence.disorder,
  ];
  const answers = evidence.rows.filter(({ role }) => role === 'assistant');
  const ended = (status: string) => answers.filter((answer) => answer.status === status).length;
  const done = (kind: DeedKind) =>
    asks.filter(({ deed, receipts }) => deed.kind === kind && receipts.length > 0).length;
  const sent = (isOne: (deed: Deed) => boolean) =>
    asks.filter(({ deed, receipts }) => isOne(deed) && receipts.length > 0).length;
  const bad = Object.fromEntries(
    BAD.map((kind) => [kind, findings.filter((each) => each.bad === kind).length]),
  ) as Record<Bad, number>;
  return {
    counts: {
      asked: asks.length,
      acknowledged: asks.filter(({ receipts }) => receipts.length > 0).length,
      refused: asks.filter(({ refused }) => refused !== null).length,
      edited: done('edit'),
      regenerated: done('regenerate'),
      continued: done('continue'),
      selected: done('select'),
      deleted: done('delete'),
      interrupting: sent(interrupts),
      notes: sent(isNote),
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
