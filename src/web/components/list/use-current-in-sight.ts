import { useEffect } from 'preact/hooks';
import { useApp, useChat } from '../../state/app.js';

type Place = { readonly current: HTMLElement | null };

const MARGIN_PX = 8;

/**
 * Brings the row of the conversation that is shown into view: when another one is shown, when a message moves it, and
 * when the list opens. Between these the list stays where the user scrolled it.
 */
export function useCurrentInSight(list: Place): void {
  const { router, screen } = useApp();
  const chat = useChat();
  const id = router.conversationId.value;
  const open = chat.opened.value;
  const place = open?.id === id ? `${open?.last_message_at} ${open?.pinned} ${open?.archived}` : '';
  const isSearch = chat.search.state.value.query !== '';
  const shows = [chat.list.value.loaded, screen.drawer.isOpen.value, screen.inArchive.value];
  useEffect(() => {
    // By the next frame the list has moved the row.
    const frame = requestAnimationFrame(() => bringIn(list.current));
    return () => cancelAnimationFrame(frame);
  }, [id, place, isSearch, ...shows]);
}

function bringIn(list: HTMLElement | null): void {
  const row = list?.querySelector('.row[aria-current]');
  if (!list || !row) return;
  const view = list.getBoundingClientRect();
  const { top, bottom } = row.getBoundingClientRect();
  if (top < view.top + MARGIN_PX) list.scrollTop -= view.top + MARGIN_PX - top;
  else if (bottom > view.bottom - MARGIN_PX) list.scrollTop += bottom - view.bottom + MARGIN_PX;
}
