import type { ChatMessage } from '../../client/index.js';
import { displayable } from '../markdown/plain-text.js';
import { useApp } from '../state/app.js';
import { CopyButton } from './copy-button.js';
import { Guard } from './guard.js';
import { Logo } from './icons.js';
import { Markdown } from './markdown.js';
import { MessageStatusLine } from './message-status-line.js';
import { PlainText } from './plain-text.js';

interface Props {
  message: ChatMessage;
  isLast: boolean;
  /** The message that this one answers. */
  question: string | null;
}

/** One broken message does not affect the others. */
export const MessageView = (props: Props) => (
  <Guard of={props.message.status} fallback={<BareMessage {...props} />}>
    {props.message.role === 'assistant' ? <Answer {...props} /> : <Question {...props} />}
  </Guard>
);

const BareMessage = ({ message }: Props) => (
  <article class={`message message-${message.role}`}>
    <PlainText text={message.content} />
  </article>
);

const Question = ({ message }: Props) => {
  const { session, preferences } = useApp();
  const { author } = message;
  const mine = author === null || author.id === session.user.value?.id;
  return (
    <article class="message message-user">
      <h3 class={mine ? 'visually-hidden' : 'author'}>
        {mine ? preferences.texts.value.you : author.username}
      </h3>
      <div class="bubble">{displayable(message.content)}</div>
    </article>
  );
};

const Answer = ({ message, isLast, question }: Props) => {
  const texts = useApp().preferences.texts.value;
  const live = message.status === 'queued' || message.status === 'streaming';
  return (
    <article class={`message message-assistant ${live ? 'is-live' : ''}`} aria-busy={live}>
      <Logo />
      <div class="answer">
        <h3 class="visually-hidden">{texts.assistant}</h3>
        {message.content !== '' && (
          <Guard of={live} fallback={<PlainText text={message.content} />}>
            <Markdown text={message.content} done={!live} />
          </Guard>
        )}
        <MessageStatusLine message={message} question={isLast ? question : null} />
        {!live && message.content !== '' && (
          <div class="answer-tools">
            <CopyButton label={texts.copyAnswer} text={() => message.content} />
          </div>
        )}
      </div>
    </article>
  );
};
