import type { Conversation } from '../../contract/rest.js';
import type { Chat } from './chat.js';

/** A conversation that the page knows: the open one, or one of the lists. */
export function findConversation(chat: Chat, id: number): Conversation | null {
  const open = chat.opened.value;
  if (open?.id === id) return open;
  const lists = [chat.list, chat.pinned, chat.archived];
  for (const { value } of lists) {
    const found = value.conversations.find((item) => item.id === id);
    if (found) return found;
  }
  return null;
}
