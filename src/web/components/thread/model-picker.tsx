import { useSignal } from '@preact/signals';
import { mayWrite } from '../../../contract/member-roles.js';
import type { Conversation } from '../../../contract/rest.js';
import { isGone, modelFacts } from '../../state/answers/model-facts.js';
import { useApp, useChat } from '../../state/app.js';
import { ModelOptions } from '../controls/model-options.js';

/** Chooses the model of a conversation, or of the one that the next message begins. */
export const ModelPicker = ({ conversation }: { conversation: Conversation | null }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.models;
  const { models, model: standard } = useChat();
  const { id, choose } = useChoice(conversation);
  const gone = isGone(id, models.value);
  if (models.value.length < 2 && !gone) return null;
  const current = models.value.find((model) => model.id === id) ?? standard.value;
  const facts = current ? modelFacts(current, texts, preferences.language.value) : undefined;
  return (
    <select
      class={gone ? 'model-picker is-gone' : 'model-picker'}
      aria-label={texts.model}
      aria-invalid={gone}
      title={gone ? texts.goneHint : facts}
      disabled={conversation !== null && !mayWrite(conversation.my_role)}
      value={id ?? ''}
      onChange={(event) => choose(event.currentTarget.value || null)}
    >
      <ModelOptions chosen={id} />
    </select>
  );
};

/** A choice that the server does not have yet. */
interface Wish {
  /** The conversation. */
  of: number;
  id: string | null;
}

/** The last choice is shown at once: arrow keys choose faster than the server replies. */
function useChoice(conversation: Conversation | null) {
  const { report } = useApp();
  const { client, chosen } = useChat();
  const wish = useSignal<Wish | null>(null);
  const stored = conversation === null ? chosen.value : conversation.model;
  const choose = (next: string | null) => {
    if (conversation === null) {
      chosen.value = next;
      return;
    }
    const mine = { of: conversation.id, id: next };
    wish.value = mine;
    const done = () => {
      if (wish.value === mine) wish.value = null;
    };
    void client.update(conversation.id, { model: next }).catch(report).finally(done);
  };
  const own = wish.value !== null && wish.value.of === conversation?.id ? wish.value : null;
  return { id: own ? own.id : stored, choose };
}
