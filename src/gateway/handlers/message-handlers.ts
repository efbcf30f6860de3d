import type { MessageService } from '../../domain/conversations/message-service.js';
import type { Visits } from '../rooms/visits.js';
import type { Handlers } from '../types.js';

export const messageHandlers = (
  messages: MessageService,
  visits: Visits,
): Pick<Handlers, 'message:send'> => ({
  async 'message:send'(socket, payload) {
    const input = {
      content: payload.content,
      clientId: payload.client_id,
      conversationId: payload.conversation_id,
      parentId: payload.parent_id,
      model: payload.model,
    };
    // It is refused before anything is stored: a message that is refused must not be answered.
    return visits.run(socket, payload.conversation_id ?? null, (visit) =>
      messages.send(socket.data.principal, input, (id) => visit.join(id)),
    );
  },
});
