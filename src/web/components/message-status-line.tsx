import type { ChatMessage } from '../../client/index.js';
import { type Ending, endingOf, type Remedy } from '../state/answer-ending.js';
import { useApp, useChat } from '../state/app.js';
import { Icon } from './icons.js';

interface Props {
  message: ChatMessage;
  /** The question to ask again; null if nothing can be done about this answer. */
  question: string | null;
}

export const MessageStatusLine = ({ message, question }: Props) => {
  const texts = useApp().preferences.texts.value;
  if (message.status === 'queued') return <Waiting text={texts.queued(message.position)} />;
  if (message.status === 'streaming') {
    return message.content === '' ? <Waiting text={texts.thinking} /> : null;
  }
  const ending = endingOf(message, texts);
  return ending && <EndingLine ending={ending} question={question} />;
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

const EndingLine = ({ ending, question }: { ending: Ending } & Pick<Props, 'question'>) => {
  const { tone, title, text, remedy } = ending;
  if (tone === 'quiet' && remedy === null) return <p class="status-line">{text}</p>;
  return (
    <div class={`ending ending-${tone}`}>
      {tone !== 'quiet' && <Icon name="alert" />}
      <p>
        {title !== undefined && <strong>{title}</strong>} {text}
      </p>
      {remedy !== null && question !== null && <RemedyButton remedy={remedy} question={question} />}
    </div>
  );
};

const RemedyButton = ({ remedy, question }: { remedy: Remedy; question: string }) => {
  const texts = useApp().preferences.texts.value;
  const { send } = useChat();
  const [label, content] =
    remedy === 'continue'
      ? [texts.continueAnswer, texts.continueRequest]
      : [texts.askAgain, question];
  return (
    <button type="button" class="plain-button" onClick={() => send(content)}>
      {label}
    </button>
  );
};
