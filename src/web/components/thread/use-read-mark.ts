import { useEffect, useRef } from 'preact/hooks';
import type { ConversationState } from '../../../client/index.js';
import { useChat } from '../../state/app.js';

/** The newest message that is complete. */
function lastEnded({ messages }: ConversationState): number {
  const ended = messages.findLast(({ status }) => status !== 'queued' && status !== 'streaming');
  return ended?.id ?? 0;
}

/** Tells the server what was read: answers that have ended, while the page is visible and shows the end. */
export function useReadMark(state: ConversationState | null, atBottom: boolean): void {
  const { client } = useChat();
  const told = useRef(0);
  const conversation = state?.phase === 'open' ? state.conversation : null;
  const unread = conversation !== null && conversation.unread_count > 0;
  const id = state === null ? 0 : lastEnded(state);
  const isNews = id > Math.max(told.current, conversation?.read_message_id ?? 0);
  const wanted = atBottom && unread && isNews ? conversation.id : 0;
  useEffect(() => {
    if (wanted === 0) return;
    const tell = () => {
      if (document.visibilityState !== 'visible') return;
      told.current = id;
      // The next message brings it up again.
      void client.read(wanted, id).catch(() => undefined);
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [wanted, id]);
}
