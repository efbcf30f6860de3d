import type { Conversation } from '../../../contract/rest.js';
import { langOf } from '../../markdown/lang-of.js';
import { DEMO_MODEL } from '../../state/answers/demo-model.js';
import { isGone } from '../../state/answers/model-facts.js';
import { useApp, useChat } from '../../state/app.js';
import { NARROW } from '../../state/view/drawer.js';
import { Guard } from '../controls/guard.js';
import { IconButton } from '../controls/icon-button.js';
import { Menu, type MenuItem } from '../controls/menu.js';
import { itemsOf, useConversationActions } from '../conversation/conversation-actions.js';
import { useMediaQuery } from '../hooks/use-media-query.js';
import { ModelPicker } from './model-picker.js';
import { TitleEditor } from './title-editor.js';

interface Props {
  /** Null until it has been read. */
  conversation: Conversation | null;
  isNew: boolean;
  onMenu(): void;
}

export const ThreadHeader = ({ conversation, isNew, onMenu }: Props) => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  const { models } = useChat();
  const narrow = useMediaQuery(NARROW).value;
  // The title needs the room. The menu leads to the model, too.
  const picks = !narrow || conversation === null || isGone(conversation.model, models.value);
  return (
    <header class="thread-header">
      <IconButton icon="menu" label={texts.openMenu} class="only-narrow" onClick={onMenu} />
      {conversation === null ? (
        <h1 class="thread-title">
          {isNew ? texts.newChat : <span class="visually-hidden">{texts.loadingConversation}</span>}
        </h1>
      ) : (
        <ConversationHeader key={conversation.id} conversation={conversation} />
      )}
      {picks && <ModelPicker conversation={conversation} />}
      <DemoBadge />
      <IconButton
        icon="plus"
        label={texts.newChat}
        class="only-narrow"
        onClick={() => router.go(null)}
      />
    </header>
  );
};

const DemoBadge = () => {
  const texts = useApp().preferences.texts.value;
  const { model } = useChat();
  if (model.value?.id !== DEMO_MODEL) return null;
  return (
    <span class="badge" title={texts.demoNotice}>
      {texts.demo}
    </span>
  );
};

const ConversationHeader = ({ conversation }: { conversation: Conversation }) => {
  const { preferences, screen, report } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value;
  const narrow = useMediaQuery(NARROW).value;
  const actions = useConversationActions('header')(conversation);
  const title = conversation.title || texts.untitled;
  const { id } = conversation;
  const renaming = screen.renaming.value;
  const isRenaming = renaming?.conversationId === id && renaming.place === 'header';
  const endRenaming = () => {
    if (screen.renaming.peek()?.place === 'header') screen.renaming.value = null;
  };
  const rename = (next: string) => {
    endRenaming();
    if (next === '' || next === conversation.title) return;
    void client.update(id, { title: next }).catch(report);
  };
  const buttons = narrow ? [] : [actions.rename, actions.settings, actions.delete];
  return (
    <>
      <h1
        class={isRenaming ? 'visually-hidden' : 'thread-title'}
        title={title}
        dir="auto"
        lang={langOf(title)}
      >
        {title}
      </h1>
      {isRenaming && (
        <TitleEditor title={conversation.title} onSave={rename} onCancel={endRenaming} />
      )}
      {buttons.map((item) => item && <ItemButton key={item.icon} item={item} />)}
      <Guard fallback={null}>
        <Menu
          label={texts.list.more}
          items={itemsOf(actions, narrow ? [] : ['rename', 'settings', 'delete'])}
        />
      </Guard>
    </>
  );
};

const ItemButton = ({ item: { icon, label, run } }: { item: MenuItem }) => (
  <IconButton icon={icon} label={label} onClick={run} />
);
