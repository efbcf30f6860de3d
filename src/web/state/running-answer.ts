import type { ConversationState } from '../../client/index.js';

/** The running answer, or the next in line. */
export function runningAnswer(state: ConversationState | null): number | null {
  const live = state?.messages.filter(({ role }) => role === 'assistant') ?? [];
  const writing = live.find(({ status }) => status === 'streaming');
  return (writing ?? live.find(({ status }) => status === 'queued'))?.id ?? null;
}
