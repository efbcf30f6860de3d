import { useRef } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import { langOf } from '../../markdown/lang-of.js';
import { displayable } from '../../markdown/plain-text.js';
import { type SteadyText, steadyText } from '../../state/answers/steady-text.js';
import { useApp } from '../../state/app.js';
import { Guard } from '../controls/guard.js';
import { Logo } from '../controls/icons.js';
import { Markdown } from '../text/markdown.js';
import { PlainText } from '../text/plain-text.js';
import { MessageEditor } from './message-editor.js';
import { messageElementId } from './message-element.js';
import { MessageStatusLine } from './message-status-line.js';
import { AnswerTools, QuestionTools } from './message-tools.js';
import { QueuedTools } from './queued-tools.js';
import { Reasoning } from './reasoning.js';
import { Versions } from './versions.js';

export interface MessageProps {
  message: ChatMessage;
  /** Number of shown messages below it. */
  below: number;
  /** The question of an answer that waits for its turn. */
  question: ChatMessage | null;
  /** The message after it waits for its turn. */
  waits: boolean;
  /** An answer of this conversation is running. */
  isRunning: boolean;
  isEdited: boolean;
  onEdit(messageId: number): void;
}

/** The id by which `useJump` finds a message. */
const placeOf = ({ id }: ChatMessage) => ({ id: messageElementId(id) });

/** A message that cannot be shown does not affect the others. */
export const MessageView = (props: MessageProps) => (
  <Guard of={props.message.status} fallback={<BareMessage {...props} />}>
    {props.message.role === 'assistant' ? <Answer {...props} /> : <Question {...props} />}
  </Guard>
);

const BareMessage = ({ message }: MessageProps) => (
  <article class={`message message-${message.role}`} {...placeOf(message)}>
    <PlainText text={message.content} />
  </article>
);

const Question = ({ message, below, waits, isEdited, onEdit }: MessageProps) => {
  const { session, preferences } = useApp();
  const { author } = message;
  const mine = author === null || author.id === session.user.value?.id;
  return (
    <article class={`message message-user ${isEdited ? 'is-editing' : ''}`} {...placeOf(message)}>
      <h2 class={mine ? 'visually-hidden' : 'author'}>
        {mine ? preferences.texts.value.you : author.username}
      </h2>
      {isEdited ? (
        <MessageEditor message={message} waits={waits} />
      ) : (
        <>
          <div class="bubble" dir="auto" lang={langOf(message.content)}>
            {displayable(message.content)}
          </div>
          {mine && message.role === 'user' && !waits ? (
            <QuestionTools message={message} below={below} onEdit={() => onEdit(message.id)} />
          ) : (
            <Versions message={message} />
          )}
        </>
      )}
    </article>
  );
};

const Answer = (props: MessageProps) => {
  const { message, below, question, isRunning, isEdited, onEdit } = props;
  const texts = useApp().preferences.texts.value;
  const live = message.status === 'queued' || message.status === 'streaming';
  const steady = useRef<SteadyText | null>(null);
  steady.current = steadyText(steady.current, message);
  const { text, isOld } = steady.current;
  if (isEdited && !live)
    return (
      <article class="message message-assistant is-editing" {...placeOf(message)}>
        <Logo />
        <MessageEditor message={message} waits={false} />
      </article>
    );
  return (
    <article
      class={`message message-assistant ${live ? 'is-live' : ''}`}
      aria-busy={live}
      {...placeOf(message)}
    >
      <Logo />
      <div class="answer">
        <h2 class="visually-hidden">{texts.assistant}</h2>
        <Reasoning message={message} />
        {text !== '' && (
          <Guard of={live} fallback={<PlainText text={text} />}>
            <Markdown text={text} done={!live} />
          </Guard>
        )}
        {isOld && (
          <p class="status-line" role="status">
            {texts.answers.restarted}
          </p>
        )}
        <MessageStatusLine message={message} isLast={below === 0} />
        {message.status === 'queued' && message.content === '' && question !== null && (
          <QueuedTools
            question={question}
            below={below}
            isBehind={isRunning}
            onEdit={() => onEdit(question.id)}
          />
        )}
        {live ? (
          <Versions message={message} />
        ) : (
          <AnswerTools message={message} below={below} onEdit={() => onEdit(message.id)} />
        )}
      </div>
    </article>
  );
};
