import { useComputed } from '@preact/signals';
import type { ConversationState } from '../../../client/index.js';
import { lastOwnQuestion } from '../../state/answers/last-question.js';
import { useApp, useChat } from '../../state/app.js';
import { BrokenPart } from '../controls/broken-part.js';
import { Guard } from '../controls/guard.js';
import { Composer } from './composer.js';
import { EmptyThread } from './empty-thread.js';
import { MessageList } from './message-list.js';
import { ThreadHeader } from './thread-header.js';

interface Props {
  onMenu(): void;
}

export const Thread = ({ onMenu }: Props) => {
  const { router, session, screen } = useApp();
  const { conversation, opened, pending } = useChat();
  const { editing } = screen;
  const id = router.conversationId.value;
  const own = pending.value.filter((item) => (item.entry.conversation_id ?? null) === id);
  const look = useComputed(() => lookOf(conversation.value)).value;
  if (look === 'gone') {
    return (
      <>
        <ThreadHeader conversation={null} isNew={true} onMenu={onMenu} />
        <GoneThread />
      </>
    );
  }
  const editLast = () => {
    const state = conversation.peek();
    // The text of an open editor stays in sight.
    if (state?.messages.some(({ id }) => id === editing.peek())) return;
    const userId = session.user.peek()?.id ?? null;
    editing.value = lastOwnQuestion(state, userId)?.id ?? null;
  };
  return (
    <>
      <Guard of={id} fallback={<header class="thread-header" />}>
        <ThreadHeader conversation={opened.value} isNew={look === 'new'} onMenu={onMenu} />
      </Guard>
      <Guard of={id} fallback={<BrokenThread />}>
        {own.length === 0 && look !== 'full' ? (
          <EmptyThread />
        ) : (
          <MessageList key={id ?? 'new'} pending={own} editing={editing} />
        )}
      </Guard>
      <Guard of={id} fallback={<BrokenPart />}>
        <Composer conversationId={id} pending={own} onEditLast={editLast} />
      </Guard>
    </>
  );
};

/** Tells how the parts around the messages look, so that these are not rendered for each piece of an answer. */
function lookOf(state: ConversationState | null): 'new' | 'gone' | 'empty' | 'full' {
  if (state === null) return 'new';
  if (state.phase === 'gone') return 'gone';
  return state.phase === 'open' && state.messages.length === 0 ? 'empty' : 'full';
}

const BrokenThread = () => (
  <section class="empty">
    <BrokenPart />
  </section>
);

const GoneThread = () => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  return (
    <section class="empty" tabIndex={-1}>
      <h2>{texts.goneTitle}</h2>
      <p>{texts.goneBody}</p>
      <button type="button" class="primary-button" onClick={() => router.go(null)}>
        {texts.newChat}
      </button>
    </section>
  );
};
