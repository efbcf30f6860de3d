import type { ConversationState } from '../../../client/index.js';

/** The running answer, or the next in line. Asked for each piece of an answer, so it makes no copies. */
export function runningAnswer(state: ConversationState | null): number | null {
  let next: number | null = null;
  for (const { id, role, status } of state?.messages ?? []) {
    if (role !== 'assistant') continue;
    if (status === 'streaming') return id;
    if (status === 'queued') next ??= id;
  }
  return next;
}
