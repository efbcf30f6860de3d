import { useEffect, useRef } from 'preact/hooks';
import type { ConversationState } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { messageElementId } from '../message/message-element.js';

/** Pages that are read to get to a message; one further up is shown as the end of its branch. */
const PAGES = 10;

function show(messageId: number): void {
  const element = document.getElementById(messageElementId(messageId));
  if (element === null) return;
  element.scrollIntoView({ block: 'center' });
  // The message stays focusable only until it is left: a click on a message must not focus it.
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
}

export interface JumpSteps {
  /** Runs before the jump: stops following the end, and puts the message into the document. */
  leaveEnd(messageId: number): void;
  /** The message is in view. */
  arrived(): void;
}

/** Goes to the message of the address: loads older ones down to it, or looks at its branch. */
export function useJump(state: ConversationState | null, { leaveEnd, arrived }: JumpSteps): void {
  const { router, report } = useApp();
  const { client } = useChat();
  const target = router.messageId.value;
  const seen = useRef({ target, pages: 0, looked: false, done: false });
  if (seen.current.target !== target)
    seen.current = { target, pages: 0, looked: false, done: false };
  const messages = state?.messages ?? [];
  const isOpen = state?.phase === 'open';
  const oldest = messages[0]?.id ?? 0;
  const isShown = target !== null && messages.some(({ id }) => id === target);
  useEffect(() => {
    const jump = seen.current;
    if (target === null || state === null || !isOpen || jump.done) return;
    leaveEnd(target);
    if (isShown) {
      jump.done = true;
      // The list has laid itself out by the next frame.
      requestAnimationFrame(() => {
        show(target);
        arrived();
      });
      return;
    }
    const store = client.open(state.id);
    if (!jump.looked && state.hasMore && oldest > target && jump.pages < PAGES) {
      jump.pages += 1;
      void store.loadOlder().catch(report);
    } else if (!jump.looked) {
      jump.looked = true;
      store.look(target);
    }
  }, [target, isOpen, isShown, oldest]);
}
