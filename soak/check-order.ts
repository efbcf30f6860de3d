import type { Ask } from './book.js';
import { interrupts } from './deeds.js';
import type { Facts, Step } from './facts.js';
import { type Finding, finding } from './finding.js';

/** An interrupting question goes before all that waited in its conversation when it was asked. */
export function checkOrder(facts: Facts): Finding[] {
  const asks = facts.asks.filter(({ deed, receipts }) => interrupts(deed) && receipts.length > 0);
  return asks.flatMap((ask) => checkFirst(ask, facts));
}

function checkFirst({ key, receipts: [receipt] }: Ask, facts: Facts): Finding[] {
  const { steps } = facts.evidence;
  const answerId = receipt?.answerId ?? 0;
  const asked = steps.findIndex((step) => step.answerId === answerId);
  const begun = steps.findIndex((step) => step.answerId === answerId && step.state === 'running');
  if (asked < 0 || begun < 0) return [];
  const waited = waitingAt(asked, facts, receipt?.conversationId ?? 0);
  const earlier = steps.slice(asked, begun).find((step) => overtakes(step, waited));
  if (!earlier) return [];
  const what = `${earlier.answerId} was begun before it, though that waited and it interrupted`;
  return [finding('wrong', key, answerId, what)];
}

const overtakes = ({ answerId, state }: Step, waited: ReadonlySet<number>) =>
  state === 'running' && waited.has(answerId);

function waitingAt(at: number, { tree, evidence }: Facts, conversationId: number): Set<number> {
  const waiting = new Set<number>();
  for (const { answerId, state } of evidence.steps.slice(0, at)) {
    if (tree.get(answerId)?.conversationId !== conversationId) continue;
    if (state === 'queued') waiting.add(answerId);
    else waiting.delete(answerId);
  }
  return waiting;
}
