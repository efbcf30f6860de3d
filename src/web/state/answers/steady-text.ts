import type { ChatMessage } from '../../../client/index.js';
import { isFinal } from '../../../contract/answer-text.js';

/** The text of an answer that a reader sees. */
export interface SteadyText {
  attempt: number;
  text: string;
  /** The text is of an attempt that has ended: a new one writes the answer again, and has not got so far yet. */
  isOld: boolean;
}

type Running = Pick<ChatMessage, 'attempt' | 'content' | 'status'>;

/**
 * A node that takes an answer over writes it from its beginning. Until the new text has passed the old one, the old one
 * stays in sight. The end always shows the text that is stored.
 */
export function steadyText(
  before: SteadyText | null,
  { attempt, content, status }: Running,
): SteadyText {
  const current = { attempt, text: content, isOld: false };
  if (before === null || isFinal(status)) return current;
  if (attempt === before.attempt && !before.isOld) return current;
  if (attempt < before.attempt || content.length >= before.text.length) return current;
  return { attempt, text: before.text, isOld: true };
}
