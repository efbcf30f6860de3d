import type { FinalStatus, MessageStatus } from '../src/contract/rest.js';
import { isFinal } from './book.js';
import type { Call } from './model.js';
import { shownText } from './texts.js';

/** An answer as stored in Postgres. */
export interface Stored {
  id: number;
  status: MessageStatus;
  attempt: number;
  content: string;
  errorCode: string | null;
}

/** `lost`: not ended, or text is missing. `wrong`: the text differs from the model's, or the end has no reason. */
export type Fault = 'lost' | 'wrong';

export interface Verdict {
  status: MessageStatus;
  fault: Fault | null;
  why: string;
}

const good = (status: MessageStatus): Verdict => ({ status, fault: null, why: '' });
const bad = (status: MessageStatus, fault: Fault, why: string): Verdict => ({ status, fault, why });

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** Text that was cut inside a surrogate pair ends with U+FFFD instead of the first half. */
export function isBeginning(text: string, whole: string): boolean {
  if (whole.startsWith(text)) return true;
  const sound = text.slice(0, -1);
  return (
    text.endsWith('\ufffd') && whole.startsWith(sound) && isHigh(whole.charCodeAt(sound.length))
  );
}

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

function judgeCompleted(content: string, calls: readonly Call[]): Verdict {
  const whole = spoken(
    calls.filter(({ plan, toldToTheEnd }) => plan.ending === 'whole' && toldToTheEnd),
  );
  if (whole.includes(content)) return good('completed');
  const fault = whole.some((text) => isBeginning(content, text)) ? 'lost' : 'wrong';
  return bad('completed', fault, firstDifference(content, whole));
}

/** An answer that ended early must be the beginning of one call's text. */
function judgePart(status: FinalStatus, content: string, calls: readonly Call[]): Verdict {
  const texts = spoken(calls);
  if (content === '' || texts.some((text) => isBeginning(content, text))) return good(status);
  return bad(status, 'wrong', firstDifference(content, texts));
}

function reasonless(answer: Stored, calls: readonly Call[], wasStopped: boolean): string | null {
  const { status, errorCode, content } = answer;
  if (status === 'stopped') return wasStopped ? null : 'stopped, though nobody asked for it';
  if (status === 'interrupted' && errorCode === 'unavailable') return null;
  const isModels = calls.some(({ plan, toldToTheEnd }) => plan.ending !== 'whole' && toldToTheEnd);
  if (!isModels) return `${status} (${errorCode}), though the model never broke off or refused`;
  return status === 'failed' && content !== '' ? 'failed, with a text' : null;
}

/**
 * Compares an answer with the model's text, call by call: it must be exactly one attempt's text, with nothing mixed
 * in.
 */
export function judgeAnswer(answer: Stored, calls: readonly Call[], wasStopped: boolean): Verdict {
  const { status, content } = answer;
  if (!isFinal(status)) return bad(status, 'lost', `still ${status}`);
  if (status === 'completed') return judgeCompleted(content, calls);
  const why = reasonless(answer, calls, wasStopped);
  return why === null ? judgePart(status, content, calls) : bad(status, 'wrong', why);
}
