import type { AckData } from '../../contract/events.js';
import type { Services } from '../../domain/services.js';
import type { AnswerFeeds } from '../programs/answer-feeds.js';
import type { Visits } from '../rooms/visits.js';
import type { SessionWatch } from '../sessions/session-watch.js';
import type { Handlers } from '../types.js';
import { conversationHandlers } from './conversation-handlers.js';
import { generationHandlers } from './generation-handlers.js';
import { messageHandlers } from './message-handlers.js';
import { sessionHandlers } from './session-handlers.js';

export const createHandlers = (
  services: Services,
  visits: Visits,
  feeds: AnswerFeeds,
  onOpened: (opened: AckData<'conversation:open'>) => void,
  watch: SessionWatch,
): Handlers => ({
  ...sessionHandlers(services.auth, watch),
  ...conversationHandlers(services.conversations, services.search, services.view, visits, onOpened),
  ...messageHandlers(services.messages, services.branches, visits, feeds),
  ...generationHandlers(services.generations, services.keyAnswers, feeds),
});
