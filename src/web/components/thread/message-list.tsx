import { type Signal, useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { ChatMessage, ConversationState, Pending } from '../../../client/index.js';
import { mayWrite } from '../../../contract/member-roles.js';
import { useApp, useChat } from '../../state/app.js';
import { perFrame } from '../../state/device/frame.js';
import { Guard } from '../controls/guard.js';
import { IconButton } from '../controls/icon-button.js';
import { keepFocus, moveFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';
import { MessageRows } from '../rows/message-rows.js';
import { useRowWindow } from '../rows/use-row-window.js';
import { AnswerAnnouncer } from './answer-announcer.js';
import { CopyNote } from './copy-note.js';
import { PendingMessage } from './pending-message.js';
import { useJump } from './use-jump.js';
import { useKeptPosition } from './use-kept-position.js';
import { useReadMark } from './use-read-mark.js';
import { useStickyScroll } from './use-sticky-scroll.js';

interface Props {
  pending: readonly Pending[];
  /** The id of the message whose text is being edited. */
  editing: Signal<number | null>;
}

const NEAR_TOP_PX = 240;
const NO_MESSAGES: readonly ChatMessage[] = [];

export const MessageList = ({ pending, editing }: Props) => {
  // Null while the conversation itself is still to be created.
  const state = useChat().conversation.value;
  const texts = useApp().preferences.texts.value;
  const isMissing = useChat().copyNote.value === 'missing';
  const messages = state?.messages ?? NO_MESSAGES;
  const unseen = withoutArrived(pending, messages);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { rows, spans } = useRowWindow(messages, editing.value);
  const scroll = useStickyScroll({
    scroller,
    content,
    shown: spans,
    moved: (frame, list) => rows.look(frame, list),
  });
  useSelectionChange(scroll.settle);
  const steps = {
    leaveEnd: (messageId: number) => {
      scroll.atBottom.value = false;
      rows.reveal(messageId);
    },
    arrived: scroll.onScroll,
  };
  useJump(state, steps);
  useKeptPosition(scroller, state, steps);
  useReadMark(state, scroll.atBottom.value);
  const older = useOlder(state);
  const edit = useCallback((id: number) => {
    editing.value = id;
  }, []);
  useEffect(() => {
    if (unseen.length > 0) scroll.toBottom();
  }, [unseen.length]);
  const onScroll = () => {
    scroll.onScroll();
    if ((scroller.current?.scrollTop ?? 0) < NEAR_TOP_PX && scroll.touched()) older.load();
  };
  return (
    <div class="scroll-frame">
      <section
        ref={scroller}
        class="scroller"
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={state?.conversation?.title ?? texts.newChat}
      >
        <div class="column" ref={content}>
          {state?.hasMore && (
            <button
              type="button"
              class="quiet-button load-older"
              disabled={older.loading}
              onClick={() => older.load(() => keepFocus(() => scroller.current))}
            >
              {texts.loadOlder}
            </button>
          )}
          {messages.length === 0 && unseen.length === 0 && !isMissing && <ThreadSkeleton />}
          <MessageRows messages={messages} spans={spans} editingId={editing.value} onEdit={edit} />
          <CopyNote />
          {state !== null && state.lookingAt !== null && (
            <OtherBranch id={state.id} leafId={state.lookingAt} />
          )}
          {unseen.map((item) => (
            <Guard key={item.entry.client_id} of={item} fallback={null}>
              <PendingMessage pending={item} />
            </Guard>
          ))}
        </div>
      </section>
      {!scroll.atBottom.value && (
        <IconButton
          icon="down"
          label={texts.jumpToLatest}
          class="jump"
          onClick={() => {
            scroll.toBottom(true);
            moveFocus();
          }}
        />
      )}
      <Guard fallback={null}>
        <AnswerAnnouncer last={messages.at(-1) ?? null} />
      </Guard>
    </div>
  );
};

/**
 * A selection keeps the messages that it covers in the document. The caret of a field that is typed into covers
 * nothing.
 */
function useSelectionChange(changed: () => void): void {
  useEffect(() => {
    const perChange = perFrame(changed);
    let covered = false;
    const look = () => {
      const covers = getSelection()?.isCollapsed === false;
      const types = document.activeElement?.matches('textarea, input') ?? false;
      if (covers || covered || !types) perChange(undefined);
      covered = covers;
    };
    document.addEventListener('selectionchange', look);
    return () => document.removeEventListener('selectionchange', look);
  }, []);
}

/** A message that the server has already sent is shown only once. */
function withoutArrived(pending: readonly Pending[], messages: readonly ChatMessage[]): Pending[] {
  const arrived = new Set(messages.slice(-20).map(({ client_id }) => client_id));
  return pending.filter(({ entry }) => !arrived.has(entry.client_id));
}

function useOlder(state: ConversationState | null) {
  const { report } = useApp();
  const { client } = useChat();
  const loading = useSignal(false);
  const load = (then: () => void = () => {}) => {
    if (state === null || !state.hasMore || loading.value) return;
    loading.value = true;
    const done = () => {
      loading.value = false;
      then();
    };
    void client.open(state.id).loadOlder().catch(report).finally(done);
  };
  return { loading: loading.value, load };
}

/** A search may find messages that are not on the active branch. */
const OtherBranch = ({ id, leafId }: { id: number; leafId: number }) => {
  const texts = useApp().preferences.texts.value.list;
  const { client, conversation } = useChat();
  const { busy, run } = useAction();
  const role = conversation.value?.conversation?.my_role;
  const back = () => {
    client.open(id).look(null);
    keepFocus();
  };
  return (
    <div class="other-branch" role="status">
      <p>{texts.otherBranch}</p>
      <button type="button" class="link-button" onClick={back}>
        {texts.toCurrent}
      </button>
      {role && mayWrite(role) && (
        <button
          type="button"
          class="link-button"
          disabled={busy}
          onClick={() => run(() => client.select(leafId), keepFocus)}
        >
          {texts.continueHere}
        </button>
      )}
    </div>
  );
};

const ThreadSkeleton = () => (
  <div class="thread-skeleton" role="status">
    <span class="visually-hidden">{useApp().preferences.texts.value.loadingConversation}</span>
    <span class="skeleton" />
    <span class="skeleton" />
    <span class="skeleton" />
  </div>
);
