import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp, useChat } from '../state/app.js';
import { AccountDialog } from './account/account-dialog.js';
import { AdminPlace } from './admin-place.js';
import { BrokenPart } from './broken-part.js';
import { ConnectionBanner } from './connection-banner.js';
import { Guard } from './guard.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { Sidebar } from './sidebar.js';
import { Thread } from './thread.js';
import { NARROW, useMediaQuery } from './use-media-query.js';
import { useShortcuts } from './use-shortcuts.js';

export const ChatPage = () => {
  const { preferences, router, undo, account } = useApp();
  const texts = preferences.texts.value;
  const narrow = useMediaQuery(NARROW);
  const drawer = useSignal(false);
  const shortcuts = useSignal(false);
  const showShortcuts = () => {
    shortcuts.value = true;
  };
  const openDrawer = () => {
    drawer.value = true;
  };
  const closeDrawer = () => {
    drawer.value = false;
  };
  useShortcuts({
    newChat: () => router.go(null),
    search: () => {
      drawer.value = true;
      requestAnimationFrame(() => document.getElementById('search')?.focus());
    },
    escape: closeDrawer,
    help: showShortcuts,
    undo,
  });
  useSignalEffect(() => {
    router.conversationId.value;
    router.messageId.value;
    router.isAdmin.value;
    closeDrawer();
  });
  useDocumentTitle();
  const hidden = narrow.value && !drawer.value;
  return (
    <div class={`shell ${drawer.value ? 'drawer-open' : ''}`}>
      <button type="button" class="skip-link" onClick={focusComposer}>
        {texts.skipToChat}
      </button>
      <Guard fallback={<BrokenSidebar />}>
        <Sidebar
          hidden={hidden}
          onClose={closeDrawer}
          onAccount={() => {
            closeDrawer();
            account.value = true;
          }}
        />
      </Guard>
      <button
        type="button"
        class="drawer-shade"
        aria-label={texts.closeMenu}
        tabIndex={-1}
        onClick={closeDrawer}
      />
      <main class="main" inert={narrow.value && drawer.value}>
        <Guard fallback={null}>
          <ConnectionBanner />
        </Guard>
        <Guard
          of={router.isAdmin.value ? 'admin' : router.conversationId.value}
          fallback={<BrokenPart />}
        >
          {router.isAdmin.value ? (
            <AdminPlace onMenu={openDrawer} />
          ) : (
            <Thread onMenu={openDrawer} onShortcuts={showShortcuts} />
          )}
        </Guard>
      </main>
      {account.value && (
        <Guard fallback={null}>
          <AccountDialog
            onClose={() => {
              account.value = false;
            }}
          />
        </Guard>
      )}
      {shortcuts.value && (
        <Guard fallback={null}>
          <ShortcutsDialog
            onClose={() => {
              shortcuts.value = false;
            }}
          />
        </Guard>
      )}
    </div>
  );
};

const BrokenSidebar = () => (
  <nav class="sidebar">
    <BrokenPart />
  </nav>
);

/** A button, since the address after `#` belongs to the conversations. */
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
