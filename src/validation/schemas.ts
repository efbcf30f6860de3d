import Joi from 'joi';
import type {
  LoginBody,
  PasswordBody,
  RefreshBody,
  RegisterBody,
  UpdateUserBody,
} from '../contract/accounts.js';
import type { ClientEventName, ClientPayload, MessageCursor } from '../contract/events.js';
import type { ExportFormat } from '../contract/export.js';
import type { InvitationToken } from '../contract/invitations.js';
import type { KeyBody } from '../contract/keys.js';
import { LIMITS } from '../contract/limits.js';
import type {
  ChatBody,
  ContinueBody,
  ConversationChanges,
  ConversationFields,
  ConversationFilter,
  ConversationListQuery,
  EditBody,
  MessagePageQuery,
  RegenerateBody,
  ReplyMode,
  SendBody,
} from '../contract/rest.js';
import { SCOPES, type Scope } from '../contract/scopes.js';
import type { SearchQuery } from '../contract/search.js';
import type { StreamQuery } from '../contract/stream.js';
import { WEBHOOK_EVENTS, type WebhookBody, type WebhookEvent } from '../contract/webhooks.js';
import {
  clientId,
  count,
  email,
  eventId,
  id,
  json,
  keyName,
  knownPassword,
  modelName,
  moment,
  newPassword,
  parameters,
  question,
  searchText,
  text,
  title,
  token,
  username,
  uuid,
  webhookUrl,
} from './schema-types.js';

const conversationKeys = {
  title: title(),
  model: modelName().allow(null),
  system_prompt: text(LIMITS.systemPromptChars).allow('', null),
  temperature: Joi.number().min(0).max(2).allow(null),
  max_tokens: count(1, LIMITS.maxTokens).allow(null),
} satisfies Joi.StrictSchemaMap<ConversationFields>;

const changeKeys = {
  ...conversationKeys,
  pinned: Joi.boolean(),
  archived: Joi.boolean(),
  reply_mode: Joi.string<ReplyMode>().valid('always', 'mention'),
} satisfies Joi.StrictSchemaMap<ConversationChanges>;

const listKeys = {
  filter: Joi.string<ConversationFilter>().valid('active', 'archived', 'pinned'),
  limit: count(1, LIMITS.pageMax),
  cursor: text(LIMITS.cursorChars),
  q: searchText(),
} satisfies Joi.StrictSchemaMap<ConversationListQuery>;

const searchKeys = {
  q: searchText().example('sky').required(),
  limit: listKeys.limit,
  cursor: listKeys.cursor,
} satisfies Joi.StrictSchemaMap<SearchQuery>;

const cursorKeys = {
  message_id: id().required(),
  attempt: count(0, LIMITS.cursorPart).required(),
  seq: count(0, LIMITS.cursorPart).required(),
} satisfies Joi.StrictSchemaMap<MessageCursor>;

const askKeys = { client_id: clientId().required(), model: modelName() };

const editKeys = {
  ...askKeys,
  content: question().required(),
  answer: Joi.boolean(),
  interrupt: Joi.boolean(),
} satisfies Joi.StrictSchemaMap<EditBody>;

const sendKeys = {
  conversation_id: id(),
  client_id: clientId().required(),
  content: question().required(),
  parent_id: id(),
  model: modelName(),
  answer: Joi.boolean(),
  interrupt: Joi.boolean(),
} satisfies Joi.StrictSchemaMap<SendBody>;

const messageId = { message_id: id().required() };

export const registerBody = json<RegisterBody>({
  email: email().required(),
  username: username().required(),
  password: newPassword().required(),
  invitation: text(LIMITS.invitationChars),
});

export const invitationToken = json<InvitationToken>({
  invitation: text(LIMITS.invitationChars).example('the token of the link').required(),
});

export const loginBody = json<LoginBody>({
  email: email().required(),
  password: knownPassword().required(),
});

export const refreshBody = json<RefreshBody>({
  refresh_token: token().example('the refresh token'),
});
export const logoutQuery = parameters<RefreshBody>({ refresh_token: token() });

export const updateUserBody = json<UpdateUserBody>({ email: email(), username: username() });

export const passwordBody = json<PasswordBody>({
  current_password: knownPassword().required(),
  new_password: newPassword().required(),
});

export const chatBody = json<ChatBody>({
  message: question().required(),
  conversation_id: id(),
  client_id: clientId(),
  model: modelName(),
});

export const conversationFields = json<ConversationFields>(conversationKeys);
export const conversationChanges = json<ConversationChanges>(changeKeys);
export const conversationListQuery = parameters<ConversationListQuery>(listKeys);
export const searchQuery = parameters<SearchQuery>(searchKeys);
export const messagePageQuery = parameters<MessagePageQuery>({
  before: id(),
  limit: count(1, LIMITS.messagePageMax),
  leaf_message_id: id(),
});
export const exportQuery = parameters<{ format?: ExportFormat }>({
  format: Joi.string().valid('markdown', 'json'),
});
export const sendBody = json<SendBody>(sendKeys);
export const streamQuery = parameters<StreamQuery>({ last_event_id: eventId() });
export const editBody = json<EditBody>(editKeys);
export const regenerateBody = json<RegenerateBody>(askKeys);
export const continueBody = json<ContinueBody>({ client_id: askKeys.client_id });
export const idParams = parameters<{ id: number }>({ id: id().required() });

export const keyBody = json<KeyBody>({
  name: keyName().required(),
  scopes: Joi.array()
    .items(Joi.string<Scope>().valid(...SCOPES))
    .min(1)
    .max(SCOPES.length)
    .unique(),
  expires_at: moment(),
});
export const keyParams = parameters<{ id: string }>({ id: uuid().required() });

export const webhookBody = json<WebhookBody>({
  url: webhookUrl().required(),
  events: Joi.array()
    .items(Joi.string<WebhookEvent>().valid(...WEBHOOK_EVENTS))
    .min(1)
    .max(WEBHOOK_EVENTS.length)
    .unique()
    .required(),
});
export const webhookParams = keyParams;

export const sessionParams = parameters<{ id: string }>({ id: uuid().required() });

/** One per client event: a missing one is a compile error. */
export const eventSchemas: { [E in ClientEventName]: Joi.ObjectSchema<ClientPayload<E>> } = {
  'session:renew': json<ClientPayload<'session:renew'>>({ token: token() }),
  'conversation:open': json<ClientPayload<'conversation:open'>>({
    conversation_id: id().required(),
    after_message_id: id(),
    cursors: Joi.array().items(Joi.object<MessageCursor, true>(cursorKeys)).max(LIMITS.openCursors),
    limit: count(1, LIMITS.messagePageMax),
    leaf_message_id: id(),
  }),
  'conversation:close': json<ClientPayload<'conversation:close'>>({
    conversation_id: id().required(),
  }),
  'conversation:create': json<ClientPayload<'conversation:create'>>(conversationKeys),
  'conversation:update': json<ClientPayload<'conversation:update'>>({
    ...changeKeys,
    conversation_id: id().required(),
  }),
  'conversation:delete': json<ClientPayload<'conversation:delete'>>({
    conversation_id: id().required(),
  }),
  'conversation:restore': json<ClientPayload<'conversation:restore'>>({
    conversation_id: id().required(),
  }),
  'conversation:list': json<ClientPayload<'conversation:list'>>(listKeys),
  'conversation:search': json<ClientPayload<'conversation:search'>>(searchKeys),
  'message:send': json<ClientPayload<'message:send'>>(sendKeys),
  'message:edit': json<ClientPayload<'message:edit'>>({ ...editKeys, ...messageId }),
  'message:regenerate': json<ClientPayload<'message:regenerate'>>({ ...askKeys, ...messageId }),
  'message:continue': json<ClientPayload<'message:continue'>>({
    client_id: askKeys.client_id,
    ...messageId,
  }),
  'message:select': json<ClientPayload<'message:select'>>(messageId),
  'message:delete': json<ClientPayload<'message:delete'>>(messageId),
  'read:set': json<ClientPayload<'read:set'>>({ ...messageId, conversation_id: id().required() }),
  'generation:stop': json<ClientPayload<'generation:stop'>>({ message_id: id().required() }),
  'generation:resume': json<ClientPayload<'generation:resume'>>(cursorKeys),
};
