import type { MessageService } from '../../domain/message-service.js';
import type { RoomReaders } from '../room-readers.js';
import type { Handlers } from '../types.js';

export const messageHandlers = (
  messages: MessageService,
  readers: RoomReaders,
): Pick<Handlers, 'message:send'> => ({
  async 'message:send'(socket, payload) {
    const input = {
      content: payload.content,
      clientId: payload.client_id,
      conversationId: payload.conversation_id,
      parentId: payload.parent_id,
      model: payload.model,
    };
    const { data } = socket;
    const opened = payload.conversation_id;
    const send = async () => {
      // Before anything is stored: a message that is refused must not be answered.
      if (opened === undefined || !readers.isIn(socket, opened)) readers.requireRoom(socket);
      return messages.send(data.principal.userId, input, (id) => readers.join(socket, id));
    };
    const sent = data.lastSend.then(send, send);
    data.lastSend = sent.catch(() => {});
    return sent;
  },
});
