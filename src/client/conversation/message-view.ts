import { type AnswerText, isFinal } from '../../contract/answer-text.js';
import type { Message } from '../../contract/rest.js';

/** A message as a reader sees it: `content`, `reasoning`, `status`, `attempt` and `seq` follow the live text. */
export interface ChatMessage extends Message {
  /** Position in the queue, from 1; null if it does not wait or the position is unknown. */
  position: number | null;
}

type Ended = Pick<Message, 'role' | 'status' | 'finish_reason'>;

export const isRunning = ({ role, status }: Ended): boolean =>
  role === 'assistant' && !isFinal(status);

/**
 * Whether the server can continue an answer: it was stopped or cut off, or reached its maximum length.
 * @example
 * if (canContinue(answer)) await client.continue(answer.id);
 */
export const canContinue = ({ role, status, finish_reason }: Ended): boolean =>
  role === 'assistant' &&
  (status === 'stopped' ||
    status === 'interrupted' ||
    (status === 'completed' && finish_reason === 'length'));

export const shown = ({ text, reasoning, status, attempt, seq }: AnswerText) => ({
  content: text,
  reasoning: reasoning === '' ? null : reasoning,
  status,
  attempt,
  seq,
});

/** Fields that an ended answer loses when it continues. */
export const REOPENED = {
  context: null,
  reasoning_ms: null,
  sha256: null,
  finish_reason: null,
  usage: null,
  error: null,
  completed_at: null,
};

/** The branch that ends at a leaf, oldest first, as far as its messages are known. */
export function branch(
  all: ReadonlyMap<number, ChatMessage>,
  leaf: number | null,
): readonly ChatMessage[] {
  const path: ChatMessage[] = [];
  for (let id = leaf; id !== null; ) {
    const message = all.get(id);
    if (message === undefined) break;
    path.push(message);
    id = message.parent_id;
  }
  return path.reverse();
}

/** Returns the same object if it has them all. */
export function withSiblings<T extends Message>(message: T, ids: readonly number[]): T {
  const known = new Set(message.sibling_ids);
  if (ids.every((id) => known.has(id))) return message;
  const sibling_ids = [...new Set([...known, ...ids])].sort((a, b) => a - b);
  return { ...message, sibling_ids };
}

/** Returns the same object if it had none of them. */
export function withoutSiblings<T extends Message>(message: T, gone: ReadonlySet<number>): T {
  const sibling_ids = message.sibling_ids.filter((id) => !gone.has(id));
  return sibling_ids.length === message.sibling_ids.length ? message : { ...message, sibling_ids };
}
