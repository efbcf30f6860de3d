import type { AckData } from '../contract/events.js';
import type { Services } from '../domain/services.js';
import { conversationHandlers } from './handlers/conversation-handlers.js';
import { generationHandlers } from './handlers/generation-handlers.js';
import { messageHandlers } from './handlers/message-handlers.js';
import { sessionHandlers } from './handlers/session-handlers.js';
import type { SessionWatch } from './session-watch.js';
import type { Handlers } from './types.js';
import type { Visits } from './visits.js';

export const createHandlers = (
  services: Services,
  visits: Visits,
  onOpened: (opened: AckData<'conversation:open'>) => void,
  watch: SessionWatch,
): Handlers => ({
  ...sessionHandlers(services.auth, watch),
  ...conversationHandlers(services.conversations, services.view, visits, onOpened),
  ...messageHandlers(services.messages, visits),
  ...generationHandlers(services.generations),
});
