import type { Services } from '../domain/services.js';
import { conversationHandlers } from './handlers/conversation-handlers.js';
import { generationHandlers } from './handlers/generation-handlers.js';
import { messageHandlers } from './handlers/message-handlers.js';
import { sessionHandlers } from './handlers/session-handlers.js';
import type { RoomReaders } from './room-readers.js';
import type { SessionWatch } from './session-watch.js';
import type { Handlers } from './types.js';

export const createHandlers = (
  services: Services,
  readers: RoomReaders,
  watch: SessionWatch,
): Handlers => ({
  ...sessionHandlers(services.auth, watch),
  ...conversationHandlers(services.conversations, services.view, readers),
  ...messageHandlers(services.messages, readers),
  ...generationHandlers(services.generations),
});
