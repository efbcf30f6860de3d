import { useSignal } from '@preact/signals';
import type { ConversationState } from '../../client/index.js';
import type { Conversation } from '../../contract/rest.js';
import { langOf } from '../markdown/lang-of.js';
import { useApp, useChat } from '../state/app.js';
import { DEMO_MODEL } from '../state/demo-model.js';
import { isGone } from '../state/model-facts.js';
import { ConversationMenu } from './conversation-menu.js';
import { ConversationSettings } from './conversation-settings.js';
import { Guard } from './guard.js';
import { IconButton } from './icon-button.js';
import type { MenuItem } from './menu.js';
import { ModelPicker } from './model-picker.js';
import { TitleEditor } from './title-editor.js';
import { NARROW, useMediaQuery } from './use-media-query.js';

interface Props {
  state: ConversationState | null;
  onMenu(): void;
}

export const ThreadHeader = ({ state, onMenu }: Props) => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  const conversation = state?.conversation ?? null;
  const { models } = useChat();
  const narrow = useMediaQuery(NARROW).value;
  // The title needs the room. The menu leads to the model, too.
  const picks = !narrow || conversation === null || isGone(conversation.model, models.value);
  return (
    <header class="thread-header">
      <IconButton icon="menu" label={texts.openMenu} class="only-narrow" onClick={onMenu} />
      {conversation === null ? (
        <h1 class="thread-title">{state === null ? texts.newChat : ''}</h1>
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
  const { preferences, report } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value;
  const narrow = useMediaQuery(NARROW).value;
  const renaming = useSignal(false);
  const setting = useSignal(false);
  const remove = useRemove(conversation);
  const title = conversation.title || texts.untitled;

  const rename = (next: string) => {
    renaming.value = false;
    if (next === '' || next === conversation.title) return;
    void client.update(conversation.id, { title: next }).catch(report);
  };
  const first: MenuItem[] = [
    {
      icon: 'pencil',
      label: texts.rename,
      run: () => {
        renaming.value = true;
      },
    },
    {
      icon: 'sliders',
      label: texts.models.settings,
      run: () => {
        setting.value = true;
      },
    },
  ];
  const last: MenuItem[] = [{ icon: 'trash', label: texts.delete, run: remove }];
  return (
    <>
      {renaming.value ? (
        <TitleEditor
          title={conversation.title}
          onSave={rename}
          onCancel={() => {
            renaming.value = false;
          }}
        />
      ) : (
        <h1 class="thread-title" title={title} dir="auto" lang={langOf(title)}>
          {title}
        </h1>
      )}
      {!narrow && [...first, ...last].map((item) => <ItemButton key={item.label} item={item} />)}
      <Guard fallback={null}>
        <ConversationMenu
          conversation={conversation}
          first={narrow ? first : []}
          last={narrow ? last : []}
        />
      </Guard>
      {setting.value && (
        <Guard fallback={null}>
          <ConversationSettings
            conversation={conversation}
            onClose={() => {
              setting.value = false;
            }}
          />
        </Guard>
      )}
    </>
  );
};

const ItemButton = ({ item: { icon, label, run } }: { item: MenuItem }) => (
  <IconButton icon={icon} label={label} onClick={run} />
);

/** Deletes the conversation, and offers to undo it. */
function useRemove({ id }: Conversation): () => void {
  const { preferences, router, notify, report } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value.list;
  const restore = () => {
    const show = () => router.go(id);
    void client.restore(id).then(show).catch(report);
  };
  return () => {
    const leave = () => {
      if (router.conversationId.value === id) router.replace(null);
      notify(texts.wasDeleted, { label: texts.undo, run: restore });
    };
    void client.delete(id).then(leave).catch(report);
  };
}
