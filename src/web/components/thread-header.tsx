import { useSignal } from '@preact/signals';
import type { ConversationState } from '../../client/index.js';
import type { Conversation } from '../../contract/rest.js';
import { useApp, useChat } from '../state/app.js';
import { DEMO_MODEL } from '../state/demo-model.js';
import { ConversationMenu } from './conversation-menu.js';
import { ConversationSettings } from './conversation-settings.js';
import { Guard } from './guard.js';
import { IconButton } from './icon-button.js';
import { ModelPicker } from './model-picker.js';
import { TitleEditor } from './title-editor.js';

interface Props {
  state: ConversationState | null;
  onMenu(): void;
}

export const ThreadHeader = ({ state, onMenu }: Props) => {
  const { preferences, router } = useApp();
  const texts = preferences.texts.value;
  const conversation = state?.conversation ?? null;
  return (
    <header class="thread-header">
      <IconButton icon="menu" label={texts.openMenu} class="only-narrow" onClick={onMenu} />
      {conversation === null ? (
        <h1 class="thread-title">{state === null ? texts.newChat : ''}</h1>
      ) : (
        <ConversationHeader key={conversation.id} conversation={conversation} />
      )}
      <ModelPicker conversation={conversation} />
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
  const { preferences, router, notify, report } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value;
  const renaming = useSignal(false);
  const setting = useSignal(false);
  const title = conversation.title || texts.untitled;

  const rename = (next: string) => {
    renaming.value = false;
    if (next === '' || next === conversation.title) return;
    void client.update(conversation.id, { title: next }).catch(report);
  };
  const restore = () => {
    const show = () => router.go(conversation.id);
    void client.restore(conversation.id).then(show).catch(report);
  };
  const remove = () => {
    const leave = () => {
      if (router.conversationId.value === conversation.id) router.replace(null);
      notify(texts.list.wasDeleted, { label: texts.list.undo, run: restore });
    };
    void client.delete(conversation.id).then(leave).catch(report);
  };

  if (renaming.value) {
    const cancel = () => {
      renaming.value = false;
    };
    return <TitleEditor title={conversation.title} onSave={rename} onCancel={cancel} />;
  }
  return (
    <>
      <h1 class="thread-title" title={title}>
        {title}
      </h1>
      <IconButton
        icon="pencil"
        label={texts.rename}
        onClick={() => {
          renaming.value = true;
        }}
      />
      <IconButton
        icon="sliders"
        label={texts.models.settings}
        onClick={() => {
          setting.value = true;
        }}
      />
      <IconButton icon="trash" label={texts.delete} onClick={remove} />
      <Guard fallback={null}>
        <ConversationMenu conversation={conversation} />
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
