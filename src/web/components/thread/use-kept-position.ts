import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ConversationState } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import type { ThreadPosition } from '../../state/view/positions.js';
import { messageElementId, messageIdOf } from '../message/message-element.js';
import type { JumpSteps } from './use-jump.js';

type Box = { readonly current: HTMLElement | null };

/** Pages that are read again to get to a position. */
const PAGES = 10;
const END_PX = 48;
/** Messages above may still grow, such as when code gets its colours. */
const HELD_MS = 1_000;

/** Shows the thread where its reader left it, after the back and forward buttons. */
export function useKeptPosition(
  scroller: Box,
  state: ConversationState | null,
  { leaveEnd, arrived }: JumpSteps,
): void {
  const { router, positions, report } = useApp();
  const { client } = useChat();
  const { key, returning } = router.visit.value;
  const wanted = useRef<{ key: string; position: ThreadPosition | null; pages: number } | null>(
    null,
  );
  if (wanted.current?.key !== key) {
    // A message in the address takes precedence.
    const comesBack = returning && router.messageId.value === null;
    wanted.current = { key, position: comesBack ? positions.get(key) : null, pages: 0 };
  }
  const messages = state?.messages ?? [];
  const isOpen = state?.phase === 'open';
  const oldest = messages[0]?.id ?? 0;
  useLayoutEffect(() => {
    const now = wanted.current;
    const box = scroller.current;
    if (!now?.position || state === null || box === null || messages.length === 0) return;
    const { position } = now;
    leaveEnd(position.messageId);
    if (messages.some(({ id }) => id === position.messageId)) {
      now.position = null;
      hold(box, position, arrived);
    } else if (isOpen && state.hasMore && oldest > position.messageId && now.pages < PAGES) {
      now.pages += 1;
      void client.open(state.id).loadOlder().catch(report);
    } else if (isOpen) now.position = null;
  }, [key, isOpen, oldest]);
  useLayoutEffect(
    () => () => {
      if (scroller.current) positions.set(key, positionIn(scroller.current));
    },
    [key],
  );
}

/** Returns to the position, also while messages above it grow, until the reader moves. */
function hold(box: HTMLElement, { messageId, offset }: ThreadPosition, arrived: () => void): void {
  const put = () => {
    const message = document.getElementById(messageElementId(messageId));
    if (!message || !box.isConnected) return;
    const top = message.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += top - offset;
    arrived();
  };
  const observer = new ResizeObserver(put);
  const moves = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
  const end = () => {
    observer.disconnect();
    clearTimeout(timer);
    for (const name of moves) box.removeEventListener(name, end);
  };
  const timer = setTimeout(end, HELD_MS);
  for (const name of moves) box.addEventListener(name, end, { passive: true });
  put();
  // The message may come into the document only now.
  requestAnimationFrame(put);
  if (box.firstElementChild) observer.observe(box.firstElementChild);
}

function positionIn(box: HTMLElement): ThreadPosition | null {
  if (box.scrollHeight - box.scrollTop - box.clientHeight < END_PX) return null;
  const { top } = box.getBoundingClientRect();
  for (const message of box.querySelectorAll('.message[id]')) {
    const rect = message.getBoundingClientRect();
    const id = messageIdOf(message);
    if (rect.bottom > top && id !== null) return { messageId: id, offset: rect.top - top };
  }
  return null;
}
