import type { AckData } from '../../contract/events.js';
import type { ConversationService } from '../../domain/conversations/conversation-service.js';
import type { ConversationView } from '../../domain/conversations/conversation-view.js';
import type { SearchService } from '../../domain/conversations/search-service.js';
import { isNotFound } from '../../entities/errors.js';
import type { Visits } from '../rooms/visits.js';
import type { Handlers, ParleySocket } from '../types.js';

type ConversationEvents =
  | 'conversation:open'
  | 'conversation:close'
  | 'conversation:create'
  | 'conversation:update'
  | 'conversation:delete'
  | 'conversation:restore'
  | 'conversation:list'
  | 'conversation:search'
  | 'read:set';

const userOf = (socket: ParleySocket) => socket.data.principal.userId;

export const conversationHandlers = (
  conversations: ConversationService,
  search: SearchService,
  view: ConversationView,
  visits: Visits,
  onOpened: (opened: AckData<'conversation:open'>) => void,
): Pick<Handlers, ConversationEvents> => ({
  async 'conversation:open'(socket, payload) {
    const id = payload.conversation_id;
    return visits.run(socket, id, async (visit) => {
      const opening = view.open(userOf(socket), payload, () => visit.open(id));
      const opened = await opening.catch(async (error: unknown) => {
        // The socket may have had the conversation open for long before it was deleted.
        if (isNotFound(error)) await visits.leave(socket, id);
        throw error;
      });
      const shown = { ...opened, presence: await visit.present() };
      onOpened(shown);
      return shown;
    });
  },

  async 'conversation:close'(socket, { conversation_id }) {
    await visits.close(socket, conversation_id);
    return {};
  },

  async 'conversation:create'(socket, fields) {
    return { conversation: await conversations.create(socket.data.principal, fields) };
  },

  async 'conversation:update'(socket, { conversation_id, ...fields }) {
    return {
      conversation: await conversations.update(socket.data.principal, conversation_id, fields),
    };
  },

  async 'conversation:delete'(socket, { conversation_id }) {
    await conversations.delete(socket.data.principal, conversation_id);
    return {};
  },

  'conversation:search': (socket, query) =>
    search.search(userOf(socket), query, () => socket.connected),

  async 'conversation:restore'(socket, { conversation_id }) {
    return { conversation: await conversations.restore(socket.data.principal, conversation_id) };
  },

  async 'read:set'(socket, { conversation_id, message_id }) {
    await conversations.read(socket.data.principal, conversation_id, message_id);
    return {};
  },

  async 'conversation:list'(socket, query) {
    const page = await conversations.list(userOf(socket), query);
    return { conversations: page.conversations, next_cursor: page.nextCursor };
  },
});
