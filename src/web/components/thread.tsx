import { useApp, useChat } from '../state/app.js';
import { lastOwnQuestion } from '../state/last-question.js';
import { BrokenPart } from './broken-part.js';
import { Composer } from './composer.js';
import { EmptyThread } from './empty-thread.js';
import { Guard } from './guard.js';
import { MessageList } from './message-list.js';
import { ThreadHeader } from './thread-header.js';

interface Props {
  onMenu(): void;
}

export const Thread = ({ onMenu }: Props) => {
  const { router, session, screen } = useApp();
  const { conversation, pending } = useChat();
  const { editing } = screen;
  const userId = session.user.value?.id ?? null;
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
  const lastQuestion = lastOwnQuestion(state, userId);
  const empty = own.length === 0 && (state === null || isEmpty(state));
  return (
    <>
      <Guard of={id} fallback={<header class="thread-header" />}>
        <ThreadHeader state={state} onMenu={onMenu} />
      </Guard>
      <Guard of={id} fallback={<BrokenThread />}>
        {empty ? (
          <EmptyThread />
        ) : (
          <MessageList key={id ?? 'new'} state={state} pending={own} editing={editing} />
        )}
      </Guard>
      <Guard of={id} fallback={<BrokenPart />}>
        <Composer
          conversationId={id}
          state={state}
          pending={own}
          onEditLast={() => {
            editing.value = lastQuestion?.id ?? null;
          }}
        />
      </Guard>
    </>
  );
};

const isEmpty = (state: { phase: string; messages: readonly unknown[] }): boolean =>
  state.phase === 'open' && state.messages.length === 0;

const BrokenThread = () => (
  <section class="empty">
    <BrokenPart />
  </section>
);

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
