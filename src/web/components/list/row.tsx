import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../contract/rest.js';
import { langOf } from '../../markdown/lang-of.js';
import { rowStateOf } from '../../state/answers/row-state.js';
import { useApp, useChat } from '../../state/app.js';
import { hrefOf } from '../../state/view/route.js';
import { Menu } from '../controls/menu.js';
import { itemsOf, useConversationActions } from '../conversation/conversation-actions.js';
import { TitleEditor } from '../thread/title-editor.js';
import { keepRowFocus } from './row-focus.js';
import { RowMark } from './row-mark.js';

/** A conversation in the list, with a menu of all that can be done with it. */
export const Row = ({ conversation }: { conversation: Conversation }) => {
  const { preferences, screen } = useApp();
  const actions = useConversationActions('row');
  const texts = preferences.texts.value;
  const { id } = conversation;
  const title = conversation.title || texts.untitled;
  const ref = useRef<HTMLLIElement>(null);
  const renaming = screen.renaming.value;
  const isRenaming = renaming?.conversationId === id && renaming.place === 'row';
  useLayoutEffect(() => () => keepRowFocus(ref.current, id), [id]);
  return (
    <li
      class="row-line"
      data-row={id}
      ref={ref}
      onContextMenu={(event) => {
        if (isRenaming) return;
        event.preventDefault();
        openMenu(ref.current);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'F2' || isRenaming) return;
        event.preventDefault();
        actions(conversation).rename?.run();
      }}
    >
      {isRenaming ? (
        <RowEditor conversation={conversation} />
      ) : (
        <RowLink {...{ conversation, title }} />
      )}
      <Menu label={texts.list.actions(title)} items={() => itemsOf(actions(conversation))} />
    </li>
  );
};

/** A long press and the menu key open it, too. */
function openMenu(row: HTMLElement | null): void {
  const button = row?.querySelector<HTMLElement>('[aria-haspopup=menu]');
  if (button?.ariaExpanded !== 'true') button?.click();
}

const RowLink = ({ conversation, title }: { conversation: Conversation; title: string }) => {
  const { router } = useApp();
  const { pending, connection } = useChat();
  const isCurrent = router.conversationId.value === conversation.id;
  const isOnline = connection.value.state === 'online';
  const state = rowStateOf(conversation, { pending: pending.value, isOnline, isCurrent });
  return (
    <a
      class={state === 'new' ? 'row row-new' : 'row'}
      href={hrefOf(conversation.id)}
      title={title}
      {...(isCurrent ? { 'aria-current': 'page' as const } : {})}
    >
      <span class="row-title" dir="auto" lang={langOf(title)}>
        {title}
      </span>
      {state !== null && <RowMark state={state} unread={conversation.unread_count} />}
    </a>
  );
};

const RowEditor = ({ conversation }: { conversation: Conversation }) => {
  const { screen, report } = useApp();
  const { client } = useChat();
  const end = () => {
    if (screen.renaming.peek()?.place === 'row') screen.renaming.value = null;
  };
  const save = (title: string) => {
    end();
    if (title === '' || title === conversation.title) return;
    void client.update(conversation.id, { title }).catch(report);
  };
  const row = () => document.querySelector<HTMLElement>(`[data-row="${conversation.id}"] a.row`);
  return <TitleEditor title={conversation.title} onSave={save} onCancel={end} after={row} />;
};
