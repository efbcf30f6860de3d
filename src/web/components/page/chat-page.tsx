import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp, useChat } from '../../state/app.js';
import { NARROW } from '../../state/view/drawer.js';
import type { DialogName } from '../../state/view/screen.js';
import { BrokenPart } from '../controls/broken-part.js';
import { Guard } from '../controls/guard.js';
import { printConversation } from '../conversation/conversation-actions.js';
import { useMediaQuery } from '../hooks/use-media-query.js';
import { searchList } from '../search/search-list.js';
import { Thread } from '../thread/thread.js';
import { AdminPlace } from './admin-place.js';
import { ConnectionBanner } from './connection-banner.js';
import { PageDialogs } from './page-dialogs.js';
import { Sidebar } from './sidebar.js';
import { useDrawerFocus } from './use-drawer-focus.js';
import { useDrawerSwipe } from './use-drawer-swipe.js';
import { useShortcuts } from './use-shortcuts.js';

export const ChatPage = () => {
  const { preferences, router, screen } = useApp();
  const texts = preferences.texts.value;
  const narrow = useMediaQuery(NARROW);
  const { drawer } = screen;
  const shell = useRef<HTMLDivElement>(null);
  usePageKeys();
  useSignalEffect(() => {
    router.visit.value;
    drawer.close();
  });
  useEffect(() => () => drawer.close(), []);
  useSearchAddress();
  useDocumentTitle();
  const isOpen = drawer.isOpen.value;
  useDrawerFocus(shell, isOpen);
  useDrawerSwipe(shell, drawer, narrow.value);
  return (
    <div class={`shell ${isOpen ? 'drawer-open' : ''}`} ref={shell}>
      <button type="button" class="skip-link" onClick={focusComposer}>
        {texts.skipToChat}
      </button>
      <Guard fallback={<BrokenSidebar />}>
        <Sidebar hidden={narrow.value && !isOpen} />
      </Guard>
      <button
        type="button"
        class="drawer-shade"
        aria-label={texts.closeMenu}
        tabIndex={-1}
        onClick={drawer.close}
      />
      <main class="main" inert={narrow.value && isOpen}>
        <Guard fallback={null}>
          <ConnectionBanner />
        </Guard>
        <Guard
          of={router.isAdmin.value ? 'admin' : router.conversationId.value}
          fallback={<BrokenPart />}
        >
          {router.isAdmin.value ? (
            <AdminPlace onMenu={drawer.open} />
          ) : (
            <Thread onMenu={drawer.open} />
          )}
        </Guard>
      </main>
      <PageDialogs />
    </div>
  );
};

/** The address of the search leads to its field, once. */
function useSearchAddress(): void {
  const app = useApp();
  const { router } = app;
  useSignalEffect(() => {
    if (!router.isSearch.value) return;
    router.replace(null);
    requestAnimationFrame(() => searchList(app));
  });
}

const BrokenSidebar = () => (
  <nav class="sidebar">
    <BrokenPart />
  </nav>
);

/** Escape gives up a dialog that is not loaded yet, else closes the drawer, else stops the answer that runs. */
function usePageKeys(): void {
  const app = useApp();
  const { router, screen, undo, report } = app;
  const { client, opened, running } = useChat();
  const show = (name: DialogName) => () => {
    screen.show(name);
  };
  useShortcuts({
    newChat: () => router.go(null),
    palette: show('palette'),
    escape: () => {
      const [answer, dialog] = [running.value, screen.dialog.value];
      if (dialog !== null) screen.hide(dialog);
      else if (screen.drawer.isOpen.value) screen.drawer.close();
      else if (answer !== null) void client.stop(answer).catch(report);
    },
    help: show('shortcuts'),
    print: () => {
      const id = opened.value?.id;
      if (id !== undefined) printConversation(app, id);
      return id !== undefined;
    },
    undo,
  });
}

/** Called by a button, not a link, because the address after `#` belongs to the conversations. */
function focusComposer(): void {
  document.getElementById('composer')?.focus();
}

function useDocumentTitle(): void {
  const { preferences, router } = useApp();
  const opened = useChat().opened.value;
  const { admin } = preferences.texts.value.registration;
  const title = router.isAdmin.value ? admin : opened?.title;
  useEffect(() => {
    document.title = title === undefined || title === '' ? 'Parley' : `${title} · Parley`;
  }, [title]);
}
