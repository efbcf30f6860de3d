import { useApp, useChat } from '../state/app.js';
import { Composer } from './composer.js';
import { EmptyThread } from './empty-thread.js';
import { MessageList } from './message-list.js';
import { ThreadHeader } from './thread-header.js';

export const Thread = ({ onMenu }: { onMenu(): void }) => {
  const { router } = useApp();
  const { conversation, pending } = useChat();
  const id = router.conversationId.value;
  const state = conversation.value;
  const own = pending.value.filter((item) => (item.entry.conversation_id ?? null) === id);
  if (state?.phase === 'gone') {
    return (
      <>
        <ThreadHeader state={null} onMenu={onMenu} />
        <GoneThread />
      </>
    );
  }
  const empty = own.length === 0 && (state === null || isEmpty(state));
  return (
    <>
      <ThreadHeader state={state} onMenu={onMenu} />
      {empty ? <EmptyThread /> : <MessageList key={id ?? 'new'} state={state} pending={own} />}
      <Composer conversationId={id} state={state} pending={own} />
    </>
  );
};

const isEmpty = (state: { phase: string; messages: readonly unknown[] }): boolean =>
  state.phase === 'open' && state.messages.length === 0;

const GoneThread = () => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  return (
    <section class="empty">
      <h2>{texts.goneTitle}</h2>
      <p>{texts.goneBody}</p>
      <button type="button" class="primary-button" onClick={() => router.go(null)}>
        {texts.newChat}
      </button>
    </section>
  );
};
