import { Component } from 'preact';
import type { ChatMessage } from '../../../client/index.js';
import { type MessageProps, MessageView } from '../message/message-view.js';
import { gapAttributes } from './held-rows.js';
import type { ShownSpan } from './row-window.js';

interface Props {
  messages: readonly ChatMessage[];
  spans: readonly ShownSpan[];
  /** The message whose text is being edited. */
  editingId: number | null;
  onEdit(messageId: number): void;
}

/** Messages near the view, and gaps in place of the others. */
export const MessageRows = ({ messages, spans, editingId, onEdit }: Props) => {
  const isRunning = messages.some(({ status }) => status === 'streaming');
  return spans.flatMap((span) =>
    span.isShown
      ? messages
          .slice(span.from, span.to)
          .map((message, i) => (
            <MessageRow
              key={message.id}
              message={message}
              {...surroundings(messages, span.from + i)}
              isRunning={isRunning && message.status === 'queued'}
              isEdited={editingId === message.id}
              onEdit={onEdit}
            />
          ))
      : [
          <div
            class="gap"
            aria-hidden="true"
            key={`gap-${messages[span.from]?.id}`}
            style={{ height: `${span.px}px` }}
            {...gapAttributes(span)}
          />,
        ],
  );
};

/** Tells only what the message shows of those around it, so that it is not rendered whenever they change. */
function surroundings(messages: readonly ChatMessage[], index: number) {
  const [message, next] = messages.slice(index, index + 2);
  const waits = next?.status === 'queued' && next.content === '';
  const isQueued = message?.status === 'queued';
  return {
    below: messages.length - 1 - index,
    question: isQueued ? (messages[index - 1] ?? null) : null,
    waits,
  };
}

/** Renders a message only when something about it has changed. */
class MessageRow extends Component<MessageProps> {
  override shouldComponentUpdate(next: MessageProps): boolean {
    const names = Object.keys(next) as (keyof MessageProps)[];
    return names.some((name) => next[name] !== this.props[name]);
  }

  override render(props: MessageProps) {
    return <MessageView {...props} />;
  }
}
