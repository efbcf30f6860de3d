import type { ChatMessage } from '../../../client/index.js';
import { type Ending, endingOf, type Remedy } from '../../state/answers/answer-ending.js';
import { useApp, useChat } from '../../state/app.js';
import { Icon } from '../controls/icons.js';
import { ShowUsage } from '../controls/show-usage.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';
import { ServerWords } from './server-words.js';

interface Props {
  message: ChatMessage;
  /** No message is below it, so the user can ask again or continue. */
  isLast: boolean;
}

export const MessageStatusLine = ({ message, isLast }: Props) => {
  const texts = useApp().preferences.texts.value;
  if (message.status === 'queued') return <Waiting text={texts.queued(message.position)} />;
  if (message.status === 'streaming') {
    const isSilent = message.content === '' && message.reasoning === null;
    return isSilent ? <Waiting text={texts.thinking} /> : null;
  }
  const ending = endingOf(message, texts);
  return (
    ending && (
      <>
        <EndingLine ending={ending} messageId={isLast ? message.id : null} />
        <ServerWords message={message} key={message.attempt} />
      </>
    )
  );
};

const Waiting = ({ text }: { text: string }) => (
  <p class="status-line waiting">
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
    {text}
  </p>
);

const EndingLine = ({ ending, messageId }: { ending: Ending; messageId: number | null }) => {
  const { tone, title, text, remedy, isQuota = false } = ending;
  const button = remedy !== null && messageId !== null;
  if (tone === 'quiet' && !button) return <p class="status-line">{text}</p>;
  return (
    <div class={`ending ending-${tone}`}>
      {tone !== 'quiet' && <Icon name="alert" />}
      <p>
        {title !== undefined && <strong>{title}</strong>} {text}
      </p>
      {isQuota && <ShowUsage look="plain-button" />}
      {button && <RemedyButton remedy={remedy} messageId={messageId} />}
    </div>
  );
};

const RemedyButton = ({ remedy, messageId }: { remedy: Remedy; messageId: number }) => {
  const texts = useApp().preferences.texts.value;
  const { client } = useChat();
  const { busy, run } = useAction();
  const goesOn = remedy === 'continue';
  return (
    <button
      type="button"
      class="plain-button"
      disabled={busy}
      onClick={() =>
        run(() => (goesOn ? client.continue(messageId) : client.regenerate(messageId)), keepFocus)
      }
    >
      {goesOn ? texts.continueAnswer : texts.askAgain}
    </button>
  );
};
