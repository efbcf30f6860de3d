import type { Conversation } from '../../contract/rest.js';
import { useApp, useChat } from '../state/app.js';
import { modelFacts } from '../state/model-facts.js';
import { useAction } from './use-action.js';

/** Chooses the model of a conversation, or of the one that the next message begins. */
export const ModelPicker = ({ conversation }: { conversation: Conversation | null }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.models;
  const { client, models, model: standard, chosen } = useChat();
  const { busy, run } = useAction();
  if (models.value.length < 2) return null;
  const id = conversation === null ? chosen.value : conversation.model;
  const current = models.value.find((model) => model.id === id) ?? standard.value;
  const choose = (next: string | null) => {
    if (conversation === null) chosen.value = next;
    else run(() => client.update(conversation.id, { model: next }));
  };
  return (
    <select
      class="model-picker"
      aria-label={texts.model}
      title={current ? modelFacts(current, texts, preferences.language.value) : undefined}
      disabled={busy || (conversation !== null && conversation.my_role === 'viewer')}
      value={id ?? ''}
      onChange={(event) => choose(event.currentTarget.value || null)}
    >
      <option value="">{texts.standard(standard.value?.name ?? '')}</option>
      {models.value.map((model) => (
        <option key={model.id} value={model.id}>
          {model.name}
        </option>
      ))}
    </select>
  );
};
