import { useSignal } from '@preact/signals';
import type { ChatMessage } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { CopyButton } from '../controls/copy-button.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { Menu } from '../controls/menu.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';
import { AnswerFacts } from './answer-facts.js';
import { DeleteMessage } from './delete-message.js';
import { MessageTime } from './message-time.js';
import { Versions } from './versions.js';

export interface ToolsProps {
  message: ChatMessage;
  /** Number of shown messages below it. */
  below: number;
  onEdit(): void;
}

export const QuestionTools = ({ message, below, onEdit }: ToolsProps) => {
  const texts = useApp().preferences.texts.value;
  return (
    <div class="message-tools">
      <Versions message={message} />
      <div class="tools-more">
        <IconButton icon="pencil" label={texts.branches.editQuestion} onClick={onEdit} />
        <DeleteMessage message={message} below={below} />
        <MessageTime message={message} />
      </div>
    </div>
  );
};

export const AnswerTools = ({ message, below, onEdit }: ToolsProps) => {
  const texts = useApp().preferences.texts.value;
  const factsShown = useSignal(false);
  const factsId = `facts-${message.id}`;
  const hasText = message.content !== '';
  return (
    <div class="message-tools answer-tools">
      <Versions message={message} />
      <div class="tools-more">
        {hasText && <CopyButton label={texts.copyAnswer} text={() => message.content} />}
        {hasText && <IconButton icon="pencil" label={texts.branches.editAnswer} onClick={onEdit} />}
        <Regenerate message={message} />
        <button
          type="button"
          class="icon-button"
          aria-label={texts.answers.facts}
          title={texts.answers.facts}
          aria-expanded={factsShown.value}
          aria-controls={factsShown.value ? factsId : undefined}
          onClick={() => {
            factsShown.value = !factsShown.value;
          }}
        >
          <Icon name="info" />
        </button>
        <DeleteMessage message={message} below={below} />
        <MessageTime message={message} />
      </div>
      {factsShown.value && <AnswerFacts message={message} id={factsId} />}
    </div>
  );
};

const Regenerate = ({ message }: { message: ChatMessage }) => {
  const texts = useApp().preferences.texts.value.branches;
  const { client, models } = useChat();
  const { busy, run } = useAction();
  const ask = (model?: string) =>
    run(() => client.regenerate(message.id, model === undefined ? {} : { model }), keepFocus);
  return (
    <>
      <IconButton icon="again" label={texts.regenerate} disabled={busy} onClick={() => ask()} />
      {models.value.length > 1 && (
        <Menu
          icon="swap"
          label={texts.regenerateWith}
          disabled={busy}
          items={models.value.map(({ id, name }) => ({
            icon: 'again',
            label: name,
            run: () => ask(id),
          }))}
        />
      )}
    </>
  );
};
