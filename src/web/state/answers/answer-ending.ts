import type { ChatMessage } from '../../../client/index.js';
import { ERRORS, type ErrorCode } from '../../../contract/errors.js';
import type { Texts } from '../../i18n/en.js';

/** The remedy: another answer to the same question, or the continuation of the answer. */
export type Remedy = 'ask again' | 'continue';

/** The text below an answer that did not end normally. */
export interface Ending {
  tone: 'quiet' | 'warning' | 'danger';
  /** Shown before `text` in bold. */
  title?: string;
  text: string;
  remedy: Remedy | null;
  /** The quota is the reason. */
  isQuota?: boolean;
}

type Ended = Pick<ChatMessage, 'status' | 'content' | 'finish_reason' | 'error'>;

/** Reasons with which servers report a normal end. */
const NATURAL = new Set(['', 'stop', 'end', 'eos', 'eos_token', 'end_turn', 'stop_sequence']);

/** Other names of the reasons that the page knows. */
const REASONS: Record<string, keyof Texts['endings']> = {
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  content_filter: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  refusal: 'content_filter',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
};

const REASON_CHARS = 40;

/** Null if the answer runs, or ended normally. */
export function endingOf(message: Ended, texts: Texts): Ending | null {
  switch (message.status) {
    case 'queued':
    case 'streaming':
      return null;
    case 'completed':
      return endingOfCompleted(message, texts);
    case 'stopped':
      return endingOfStopped(message, texts);
    case 'interrupted':
      return endingOfInterrupted(message, texts);
    case 'failed':
      return endingOfFailed(message, texts);
  }
}

function endingOfStopped({ content, finish_reason }: Ended, texts: Texts): Ending {
  const hasText = content.trim() !== '';
  const remedy = hasText ? 'continue' : 'ask again';
  if (finish_reason === 'quota') {
    const [title, text] = [texts.stoppedByQuota, texts.failedQuota];
    return { tone: 'warning', title, text, remedy, isQuota: true };
  }
  return { tone: 'quiet', text: hasText ? texts.stopped : texts.stoppedEmpty, remedy };
}

function endingOfCompleted(message: Ended, texts: Texts): Ending | null {
  const reason = (message.finish_reason ?? '').trim().toLowerCase();
  const hasText = message.content.trim() !== '';
  if (NATURAL.has(reason)) return hasText ? null : noAnswer(texts, texts.endings.stop.empty);
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  if (known === undefined) return endingOfUnknown(reason, hasText, texts);
  if (!hasText) return noAnswer(texts, texts.endings[known].empty);
  const remedy = message.finish_reason === 'length' ? 'continue' : 'ask again';
  return { tone: 'warning', text: texts.endings[known].cut, remedy };
}

function endingOfUnknown(reason: string, hasText: boolean, texts: Texts): Ending {
  const shown = reason.slice(0, REASON_CHARS);
  return hasText
    ? { tone: 'quiet', text: texts.endedOtherwise(shown), remedy: null }
    : noAnswer(texts, texts.endedOtherwise(shown));
}

const noAnswer = (texts: Texts, text: string): Ending => ({
  tone: 'warning',
  title: texts.noText,
  text,
  remedy: 'ask again',
});

function endingOfInterrupted({ content, error }: Ended, texts: Texts): Ending {
  const hasText = content.trim() !== '';
  return {
    tone: 'warning',
    title: hasText ? texts.interrupted : texts.failed,
    text: causeOf(error, texts),
    remedy: hasText ? 'continue' : 'ask again',
  };
}

function endingOfFailed({ error }: Ended, texts: Texts): Ending {
  const cause = causeOf(error, texts);
  const hint = hintOf(error?.code, texts);
  return {
    tone: 'danger',
    title: texts.failed,
    text: hint === '' ? cause : `${cause}${texts.betweenSentences}${hint}`,
    remedy: 'ask again',
    isQuota: error?.code === 'quota_exceeded',
  };
}

/** The server's sentence says more than the code, if the page has it in the user's language. */
function causeOf(error: Ended['error'], texts: Texts): string {
  if (error === null) return texts.unknownCause;
  const { code, message } = error;
  if (Object.hasOwn(texts.causes, message)) return texts.causes[message] ?? '';
  return isErrorCode(code) ? texts.answerErrors[code] : texts.unknownCause;
}

function hintOf(code: string | undefined, texts: Texts): string {
  if (code === 'quota_exceeded') return texts.failedQuota;
  if (!isErrorCode(code)) return texts.failedRetryable;
  return ERRORS[code].retryable ? texts.failedRetryable : texts.failedFinal;
}

const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(ERRORS, code);
