import type { ChatMessage } from '../../client/index.js';
import { ERRORS, type ErrorCode } from '../../contract/errors.js';
import type { Texts } from '../i18n/en.js';
import { useApp, useChat } from '../state/app.js';
import { Icon } from './icons.js';

interface Props {
  message: ChatMessage;
  question: string | null;
}

export const MessageStatusLine = ({ message, question }: Props) => {
  const texts = useApp().preferences.texts.value;
  switch (message.status) {
    case 'queued':
      return <Waiting text={texts.queued(message.position)} />;
    case 'streaming':
      return message.content === '' ? <Waiting text={texts.thinking} /> : null;
    case 'stopped':
      return <p class="status-line">{texts.stopped}</p>;
    case 'interrupted':
      return <p class="status-line status-warning">{texts.interrupted}</p>;
    case 'failed':
      return <Failure message={message} question={question} />;
    default:
      return null;
  }
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

const Failure = ({ message, question }: Props) => {
  const texts = useApp().preferences.texts.value;
  const { send } = useChat();
  return (
    <div class="failure">
      <Icon name="alert" />
      <p>
        <strong>{texts.failed}</strong> {reason(texts, message.error?.code)}
      </p>
      {question !== null && (
        <button type="button" class="plain-button" onClick={() => send(question)}>
          {texts.askAgain}
        </button>
      )}
    </div>
  );
};

function reason(texts: Texts, code: string | undefined): string {
  if (!isErrorCode(code)) return texts.failedRetryable;
  const hint = ERRORS[code].retryable ? texts.failedRetryable : texts.failedFinal;
  return `${texts.errors[code]} ${hint}`;
}

const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(ERRORS, code);
