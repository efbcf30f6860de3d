import type { Message } from '../../contract/rest.js';
import type { BranchService } from '../../domain/conversations/branch-service.js';
import type { MessageService } from '../../domain/conversations/message-service.js';
import type { Asker } from '../../domain/rights/held-right.js';
import { readsAll } from '../../domain/sessions/scopes.js';
import { isFinished } from '../../entities/entities.js';
import type { AnswerFeeds } from '../programs/answer-feeds.js';
import type { Visits } from '../rooms/visits.js';
import type { Handlers, ParleySocket } from '../types.js';

type MessageEvents =
  | 'message:send'
  | 'message:edit'
  | 'message:regenerate'
  | 'message:continue'
  | 'message:select'
  | 'message:delete';

interface Asked {
  assistant_message: Message | null;
}

const askerOf = ({ data }: ParleySocket, trace: string | null): Asker => ({
  ...data.principal,
  trace,
});

export const messageHandlers = (
  messages: MessageService,
  branches: BranchService,
  visits: Visits,
  feeds: Pick<AnswerFeeds, 'follow'>,
): Pick<Handlers, MessageEvents> => {
  /** A question is refused before anything is stored: a refused question must not be answered. */
  const asking = async <T extends Asked>(
    socket: ParleySocket,
    conversationId: number | null,
    ask: (onStored?: (id: number) => Promise<void>) => Promise<T>,
  ): Promise<T> => {
    if (readsAll(socket.data.principal))
      return visits.run(socket, conversationId, (visit) => ask((id) => visit.join(id)));
    const asked = await ask();
    const { assistant_message: answer } = asked;
    if (answer && !isFinished(answer)) feeds.follow(socket, answer);
    return asked;
  };

  const askingOf = async <T extends Asked>(
    socket: ParleySocket,
    messageId: number,
    ask: (
      onStored: ((id: number) => Promise<void>) | undefined,
      conversationId: number,
    ) => Promise<T>,
  ) => {
    const conversationId = await messages.conversationOf(socket.data.principal.userId, messageId);
    return asking(socket, conversationId, (onStored) => ask(onStored, conversationId));
  };

  return {
    'message:send': (socket, payload, trace) =>
      asking(socket, payload.conversation_id ?? null, (onStored) => {
        const { conversation_id, client_id, parent_id, ...fields } = payload;
        const ids = { conversationId: conversation_id, clientId: client_id, parentId: parent_id };
        return messages.send(askerOf(socket, trace), { ...fields, ...ids }, onStored);
      }),

    'message:edit': (socket, { message_id, client_id, ...fields }, trace) =>
      askingOf(socket, message_id, (onStored, conversationId) => {
        const input = { ...fields, messageId: message_id, conversationId, clientId: client_id };
        return messages.edit(askerOf(socket, trace), input, onStored);
      }),

    'message:regenerate': (socket, { message_id, client_id, model }, trace) =>
      askingOf(socket, message_id, (onStored, conversationId) => {
        const input = { messageId: message_id, conversationId, clientId: client_id, model };
        return messages.regenerate(askerOf(socket, trace), input, onStored);
      }),

    'message:continue': (socket, { message_id, client_id }, trace) =>
      askingOf(socket, message_id, (onStored, conversationId) => {
        const input = { messageId: message_id, conversationId, clientId: client_id };
        return messages.continue(askerOf(socket, trace), input, onStored);
      }),

    'message:select': (socket, { message_id }) =>
      branches.select(socket.data.principal, message_id),

    async 'message:delete'(socket, { message_id }) {
      return { message_ids: await branches.delete(socket.data.principal, message_id) };
    },
  };
};
