export { type ClientOptions, createClient, type ParleyClient } from './client.js';
export type { ConnectionState, ConnectionStatus } from './connection.js';
export type { ConversationList, ListState } from './conversation-list.js';
export type {
  ConversationPhase,
  ConversationState,
  ConversationStore,
} from './conversation-store.js';
export type { ChatMessage } from './message-log.js';
export type { Draft, Outbox, OutboxEntry, OutboxStorage, Pending, Sent } from './outbox.js';
export { ParleyError } from './parley-error.js';
export { createRest, type Rest, type RestOptions } from './rest.js';
export type { Unsubscribe } from './subject.js';
