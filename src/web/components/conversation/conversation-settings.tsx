import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import type { Conversation, SharedChanges } from '../../../contract/rest.js';
import { isGone, modelFacts } from '../../state/answers/model-facts.js';
import { useApp, useChat } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { ModelOptions } from '../controls/model-options.js';
import { useFailure } from '../hooks/use-failure.js';

interface Props {
  conversation: Conversation;
  onClose(): void;
}

/** The model's instructions and the way it answers, in one conversation. */
export const ConversationSettings = ({ conversation, onClose }: Props) => {
  const { preferences } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value;
  const ref = useRef<HTMLDialogElement>(null);
  const busy = useSignal(false);
  const failure = useFailure();
  const title = useId();
  useLayoutEffect(() => ref.current?.showModal(), []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !(event.currentTarget instanceof HTMLFormElement)) return;
    const fields = readFields(new FormData(event.currentTarget));
    busy.value = true;
    failure.clear();
    try {
      await client.update(conversation.id, fields);
      ref.current?.close();
    } catch (error) {
      failure.set(error);
    }
    busy.value = false;
  };

  return (
    <dialog ref={ref} class="dialog settings-dialog" aria-labelledby={title} onClose={onClose}>
      <h2 id={title}>{texts.models.settings}</h2>
      <form onSubmit={submit}>
        <FormProblem text={failure.text} />
        <ModelField conversation={conversation} />
        <PromptField conversation={conversation} />
        <NumberField
          name="temperature"
          {...{ min: 0, max: 2, step: 'any' }}
          label={texts.models.temperature}
          hint={texts.models.temperatureHint}
          value={conversation.temperature}
        />
        <NumberField
          name="max_tokens"
          {...{ min: 1, max: LIMITS.maxTokens, step: '1' }}
          label={texts.models.maxTokens}
          hint={texts.models.maxTokensHint}
          value={conversation.max_tokens}
        />
        <label class="check">
          <input
            type="checkbox"
            name="on_mention"
            defaultChecked={conversation.reply_mode === 'mention'}
          />
          {texts.models.onMention}
        </label>
        <div class="dialog-buttons">
          <button type="button" class="plain-button" onClick={() => ref.current?.close()}>
            {texts.cancel}
          </button>
          <button type="submit" class="primary-button" disabled={busy.value}>
            {busy.value ? texts.working : texts.models.save}
          </button>
        </div>
      </form>
    </dialog>
  );
};

function readFields(form: FormData): SharedChanges {
  const text = (name: string) => String(form.get(name) ?? '');
  const number = (name: string) => (text(name) === '' ? null : Number(text(name)));
  return {
    model: text('model') || null,
    system_prompt: form.has('standard_prompt') ? null : text('system_prompt'),
    temperature: number('temperature'),
    max_tokens: number('max_tokens'),
    reply_mode: form.has('on_mention') ? 'mention' : 'always',
  };
}

const ModelField = ({ conversation }: { conversation: Conversation }) => {
  const { preferences } = useApp();
  const { models, model: standard } = useChat();
  const texts = preferences.texts.value.models;
  const chosen = useSignal(conversation.model ?? '');
  const id = useId();
  const model = models.value.find((each) => each.id === chosen.value) ?? standard.value;
  const gone = isGone(chosen.value || null, models.value);
  return (
    <div class="field">
      <label for={id}>{texts.model}</label>
      <div class="field-box">
        <select
          id={id}
          name="model"
          value={chosen.value}
          aria-describedby={`${id}-facts`}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          <ModelOptions chosen={chosen.value || null} />
        </select>
      </div>
      <p class="field-hint" id={`${id}-facts`}>
        {gone ? texts.goneHint : model && modelFacts(model, texts, preferences.language.value)}
      </p>
    </div>
  );
};

/** An empty prompt is one of the conversation's own; a conversation without one has the default prompt. */
const PromptField = ({ conversation }: { conversation: Conversation }) => {
  const texts = useApp().preferences.texts.value.models;
  const standard = useSignal(conversation.system_prompt === null);
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{texts.systemPrompt}</label>
      <label class="check">
        <input
          type="checkbox"
          name="standard_prompt"
          checked={standard.value}
          onChange={(event) => {
            standard.value = event.currentTarget.checked;
          }}
        />
        {texts.standardPrompt}
      </label>
      <div class="field-box">
        <textarea
          id={id}
          name="system_prompt"
          rows={4}
          maxLength={LIMITS.systemPromptChars}
          disabled={standard.value}
          defaultValue={conversation.system_prompt ?? ''}
          aria-describedby={`${id}-hint`}
        />
      </div>
      <p class="field-hint" id={`${id}-hint`}>
        {texts.systemPromptHint}
      </p>
    </div>
  );
};

interface NumberProps {
  name: string;
  label: string;
  hint: string;
  min: number;
  max: number;
  step: string;
  value: number | null;
}

const NumberField = ({ name, label, hint, min, max, step, value }: NumberProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          {...{ id, name, min, max, step }}
          type="number"
          inputMode="decimal"
          defaultValue={value === null ? '' : String(value)}
          aria-describedby={`${id}-hint`}
        />
      </div>
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
};
