import type { FinalStatus, MessageStatus } from '../src/contract/rest.js';
import { isFinal } from './book.js';
import type { Call } from './model.js';
import { type Part, partsOf } from './parts.js';
import { isReasoned } from './plan.js';
import { shownPart, shownText } from './texts.js';

/** An answer as stored in Postgres. */
export interface Stored {
  id: number;
  status: MessageStatus;
  attempt: number;
  content: string;
  errorCode: string | null;
}

/**
 * `lost`: not ended, or text is missing. `doubled`: it was continued more often than asked. `wrong`: the text differs
 * from the model's, or the end has no reason.
 */
export type Fault = 'lost' | 'doubled' | 'wrong';

/** What was done to an answer. */
export interface Past {
  /** A person pressed stop, or asked for something that stops it first. */
  wasStopped: boolean;
  /** How often it may have been continued. */
  continues: number;
  /** The answer's text on a screen each time it was continued. */
  kept: readonly string[];
}

export interface Verdict {
  status: MessageStatus;
  fault: Fault | null;
  why: string;
}

const good = (status: MessageStatus): Verdict => ({ status, fault: null, why: '' });
const bad = (status: MessageStatus, fault: Fault, why: string): Verdict => ({ status, fault, why });

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

const quote = (text: string, at: number) =>
  JSON.stringify(text.slice(Math.max(0, at - 20), at + 30));

/** The place where `text` leaves the most similar of `expected`. */
export function firstDifference(text: string, expected: readonly string[]): string {
  const lengths = expected.map((each) => commonLength(text, each));
  const at = Math.max(0, ...lengths);
  const nearest = expected[lengths.indexOf(at)] ?? '';
  return `at ${at} of ${text.length}/${nearest.length}: ${quote(text, at)} instead of ${quote(nearest, at)}`;
}

const spoken = (calls: readonly Call[]) => calls.map(({ plan }) => shownText(plan.spoken));

const isToldToItsEnd = ({ plan, toldToTheEnd }: Call) => isReasoned(plan.ending) && toldToTheEnd;

/** All that the call was to say. */
function isWhole({ call, text }: Part): boolean {
  const { ending, spoken: all, pieces } = call.plan;
  if (!isToldToItsEnd(call)) return false;
  const said = pieces.map((piece) => piece.text).join('');
  return text === (ending === 'whole' ? shownText(all) : shownPart(said));
}

/** An answer that ended early must end with the beginning of a call's text, a completed one with all of one. */
function judgeText({ status, content }: Stored, calls: readonly Call[], most: number): Verdict {
  const final = status as FinalStatus;
  const isLast = status === 'completed' ? isWhole : () => true;
  const fits = content === '' ? status !== 'completed' : partsOf(content, calls, { most, isLast });
  if (fits) return good(final);
  const told = status === 'completed' ? calls.filter(isToldToItsEnd) : calls;
  const why = firstDifference(content, spoken(told));
  if (content !== '' && partsOf(content, calls, { isLast })) {
    return bad(final, 'doubled', 'continued more often than asked');
  }
  const isPart = partsOf(content, calls, { isLast: ({ call }) => told.includes(call) });
  return bad(final, status === 'completed' && isPart ? 'lost' : 'wrong', why);
}

function reasonless(answer: Stored, calls: readonly Call[], wasStopped: boolean): string | null {
  const { status, errorCode, content } = answer;
  if (status === 'completed') return null;
  if (status === 'stopped') return wasStopped ? null : 'stopped, though nobody asked for it';
  if (status === 'interrupted' && errorCode === 'unavailable') return null;
  const isModels = calls.some(({ plan, toldToTheEnd }) => !isReasoned(plan.ending) && toldToTheEnd);
  if (!isModels) return `${status} (${errorCode}), though the model never broke off or refused`;
  return status === 'failed' && content !== '' ? 'failed, with a text' : null;
}

/** The fault of a continued answer that does not begin with what it was when it was continued. */
function changedKept({ content }: Stored, kept: readonly string[]): Fault | null {
  const changed = kept.find((text) => !content.startsWith(text));
  if (changed === undefined) return null;
  return changed.startsWith(content) ? 'lost' : 'wrong';
}

const NO_PAST: Past = { wasStopped: false, continues: 0, kept: [] };

/**
 * Compares an answer with the model's text, call by call: it must be exactly one attempt's text, with nothing mixed
 * in, and for each time that it was continued at most one more.
 */
export function judgeAnswer(answer: Stored, calls: readonly Call[], past: Past = NO_PAST): Verdict {
  const { status, content } = answer;
  if (!isFinal(status)) return bad(status, 'lost', `still ${status}`);
  const why = reasonless(answer, calls, past.wasStopped);
  if (why !== null) return bad(status, 'wrong', why);
  const changed = changedKept(answer, past.kept);
  if (changed)
    return bad(status, changed, `not what it was: ${firstDifference(content, past.kept)}`);
  return judgeText(answer, calls, past.continues + 1);
}
