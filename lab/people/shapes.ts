import Joi from 'joi';
import type { Session, TokenResponse, User, UserSummary } from '../../src/contract/accounts.js';
import type { GatewayNode, ModelCheck, Role } from '../../src/contract/admin.js';
import { AUDIT_ACTIONS, type AuditEntry } from '../../src/contract/audit.js';
import {
  type ChatProblem,
  ERRORS,
  type FieldError,
  type WireError,
} from '../../src/contract/errors.js';
import type { AckData, ClientEventName, LiveText } from '../../src/contract/events.js';
import type {
  AccountExport,
  ConversationExport,
  ExportedMessage,
  ExportedSession,
  ExportedUsage,
} from '../../src/contract/export.js';
import type { ImportReport, ImportStarted } from '../../src/contract/imports.js';
import type {
  Invitation,
  InvitationPreview,
  NewInvitation,
  RegistrationInfo,
} from '../../src/contract/invitations.js';
import { PERMISSIONS } from '../../src/contract/permissions.js';
import type {
  Acknowledgement,
  ChatResponse,
  Conversation,
  Member,
  Message,
  MessageError,
  ModelInfo,
  Price,
  PromptContext,
  Usage,
} from '../../src/contract/rest.js';
import type { SearchPage, SearchResult } from '../../src/contract/search.js';
import type {
  DayUsage,
  ModelUsage,
  OwnUsagePeriod,
  UsageList,
  UsagePeriod,
  UsageReport,
  UserUsage,
} from '../../src/contract/usage.js';

import { MODEL_FAULTS } from '../../src/model/model-faults.js';
import { REFUSAL_REASONS } from '../../src/model/refusal-reasons.js';

type Keys<T> = { [K in keyof Required<T>]: Joi.Schema };

/** Exactly these keys: another one could be somebody's secret. */
const shape = <T>(keys: Keys<T>): Joi.ObjectSchema<T> =>
  Joi.object<T>(keys).required().prefs({ convert: false, presence: 'required' });

const list = (item: Joi.Schema) => Joi.array().items(item.optional()).required();
const text = () => Joi.string().allow('');
const id = () => Joi.number().integer().min(1);
const count = () => Joi.number().integer().min(0);
const time = () => Joi.string().pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const status = Joi.valid('queued', 'streaming', 'completed', 'stopped', 'interrupted', 'failed');
const code = Joi.valid(...Object.keys(ERRORS));
const findings = list(shape<FieldError>({ path: text(), message: text() }));

export const wireError = shape<WireError>({
  code,
  message: Joi.string(),
  retryable: Joi.boolean(),
  retry_after_ms: Joi.number().optional(),
  details: findings.optional(),
});

export const problem = shape<ChatProblem>({
  type: Joi.string().pattern(/^urn:parley:error:/),
  title: Joi.string(),
  status: Joi.number(),
  detail: Joi.string(),
  code,
  retryable: Joi.boolean(),
  request_id: Joi.string(),
  reason: Joi.valid(...REFUSAL_REASONS).optional(),
  retry_after_ms: Joi.number().optional(),
  errors: findings.optional(),
  conversation_id: id().optional(),
  message_id: id().optional(),
  message_status: status.optional(),
});

const user = shape<User>({
  id: id(),
  email: Joi.string(),
  username: Joi.string(),
  roles: list(Joi.string()),
  is_active: Joi.boolean(),
  created_at: time(),
});
const summary = { id: id(), username: Joi.string() } satisfies Keys<UserSummary>;
const role = Joi.valid('owner', 'editor', 'viewer');

const conversation = shape<Conversation>({
  id: id(),
  title: text(),
  model: Joi.string().allow(null),
  system_prompt: text().allow(null),
  temperature: Joi.number().allow(null),
  max_tokens: count().allow(null),
  my_role: role,
  member_count: count(),
  member_names: list(Joi.string()),
  pinned: Joi.boolean(),
  archived: Joi.boolean(),
  unread_count: count(),
  read_message_id: id().allow(null),
  reply_mode: Joi.valid('always', 'mention'),
  provider: Joi.string().allow(null),
  active_message_id: id().allow(null),
  created_at: time(),
  updated_at: time(),
  last_message_at: time().allow(null),
});

const searchPage = shape<SearchPage>({
  results: list(
    shape<SearchResult>({
      conversation: shape<SearchResult['conversation']>({ id: id(), title: text() }),
      message_id: id().allow(null),
      role: Joi.valid('user', 'assistant', 'system', null),
      snippet: text(),
      highlights: list(Joi.array().items(count()).length(2)),
      at: time(),
    }),
  ),
  next_cursor: Joi.string().allow(null),
});

const usage = shape<Usage>({
  prompt_tokens: count(),
  completion_tokens: count(),
  total_tokens: count(),
  cached_tokens: count(),
  reasoning_tokens: count(),
  estimated: Joi.boolean(),
  cost: Joi.number().min(0).allow(null),
});

const receipt = Joi.string().pattern(/^[0-9a-f]{64}$/);

const message = shape<Message>({
  id: id(),
  conversation_id: id(),
  parent_id: id().allow(null),
  role: Joi.valid('user', 'assistant', 'system'),
  author: shape<UserSummary>(summary).allow(null),
  status,
  content: text(),
  sha256: receipt.allow(null),
  reasoning: Joi.string().allow(null),
  reasoning_ms: count().allow(null),
  context: shape<PromptContext>({ included: count(), omitted: count() }).allow(null),
  model: Joi.string().allow(null),
  attempt: count(),
  seq: count(),
  client_id: Joi.string().allow(null),
  finish_reason: Joi.string().allow(null),
  usage: usage.allow(null),
  error: shape<MessageError>({ code: Joi.string(), message: Joi.string() }).allow(null),
  created_at: time(),
  completed_at: time().allow(null),
  sibling_ids: list(id()),
});

const tokens = shape<TokenResponse>({
  access_token: Joi.string(),
  refresh_token: Joi.string(),
  token_type: Joi.valid('bearer'),
  expires_in: count(),
  user,
});

const session = shape<Session>({
  id: Joi.string(),
  device: Joi.string(),
  user_agent: text(),
  ip: text(),
  created_at: time(),
  last_used_at: time(),
  expires_at: time(),
  current: Joi.boolean(),
});

const period = shape<UsagePeriod>({ tokens: count(), limit: count().allow(null) });
const cost = () => Joi.number().min(0).allow(null);
const ownPeriod = shape<OwnUsagePeriod>({
  tokens: count(),
  reserved: count(),
  limit: count().allow(null),
  cost: cost(),
});
const modelUsage = shape<ModelUsage>({ model: Joi.string(), tokens: count(), cost: cost() });
const dayUsage = shape<DayUsage>({ day: Joi.string(), tokens: count(), cost: cost() });
const total = shape<{ tokens: number }>({ tokens: count() });
const named = shape<Role>({
  name: Joi.string(),
  permissions: list(Joi.valid(...PERMISSIONS)),
  tokens_per_day: Joi.number().integer().allow(null),
  tokens_per_month: Joi.number().integer().allow(null),
  built_in: Joi.boolean(),
  created_at: time(),
});
const node = shape<GatewayNode>({
  id: Joi.string(),
  hostname: text(),
  version: text(),
  hears: Joi.boolean(),
  alive: Joi.boolean(),
  running: count(),
  started_at: time(),
  beat_at: time(),
});
const audit = shape<AuditEntry>({
  id: id(),
  at: time(),
  action: Joi.valid(...AUDIT_ACTIONS),
  actor_id: id().allow(null),
  subject_id: id().allow(null),
  session_id: Joi.string().allow(null),
  ip: text(),
  user_agent: text(),
  details: Joi.object(),
});
const exportedSession = shape<ExportedSession>({
  id: Joi.string(),
  user_agent: text(),
  ip: text(),
  created_at: time(),
  last_used_at: time(),
  expires_at: time(),
  revoked_at: time().allow(null),
});
const exportedMessage = shape<ExportedMessage>({
  id: id(),
  parent_id: id().allow(null),
  role: Joi.valid('user', 'assistant', 'system'),
  author: Joi.string().allow(null),
  status,
  content: text(),
  reasoning: Joi.string().allow(null),
  model: Joi.string().allow(null),
  finish_reason: Joi.string().allow(null),
  usage: usage.allow(null),
  error: Joi.object().allow(null),
  created_at: time(),
  completed_at: time().allow(null),
});
const exportedConversationKeys: Keys<AccountExport['conversations'][number]> = {
  id: id(),
  pinned: Joi.boolean(),
  archived: Joi.boolean(),
  read_message_id: id().allow(null),
  title: text(),
  model: Joi.string().allow(null),
  system_prompt: text().allow(null),
  temperature: Joi.number().allow(null),
  max_tokens: count().allow(null),
  active_message_id: id().allow(null),
  created_at: time(),
  updated_at: time(),
  last_message_at: time().allow(null),
  messages: list(exportedMessage),
};
const exportedConversation =
  shape<AccountExport['conversations'][number]>(exportedConversationKeys);
const conversationExport = shape<ConversationExport>({
  ...exportedConversationKeys,
  exported_at: time(),
  exported_by: Joi.string(),
});
const done = shape<Acknowledgement>({ message: Joi.string() });
const chat = shape<ChatResponse>({
  conversation_id: id(),
  message: text(),
  response: text(),
  message_id: id(),
  status,
});

const importStatus = Joi.valid('running', 'done', 'failed');
export const importReport = shape<ImportReport>({
  id: id(),
  status: importStatus,
  found: count(),
  imported: count(),
  duplicates: count(),
  skipped: list(shape<ImportReport['skipped'][number]>({ title: text(), reason: Joi.string() })),
  notes: list(shape<ImportReport['notes'][number]>({ title: text(), reason: Joi.string() })),
  error: Joi.object().allow(null),
});

const invitationKeys: Keys<Invitation> = {
  id: id(),
  status: Joi.valid('open', 'used', 'expired'),
  email: Joi.string().allow(null),
  role: Joi.string(),
  created_by: shape<UserSummary>(summary),
  used_by: shape<UserSummary>(summary).allow(null),
  created_at: time(),
  expires_at: time(),
  used_at: time().allow(null),
};

/** REST calls that are also events return what their acks carry. */
const ackOf = (event: ClientEventName): Joi.Schema =>
  Joi.any().custom((value) => Joi.attempt(value, ackShapes[event]));

/** What each REST call returns on success. */
export const answerShapes: Readonly<Record<string, Joi.Schema>> = {
  'POST /auth/register': tokens,
  'GET /auth/registration': shape<RegistrationInfo>({
    registration: Joi.valid('first', 'open', 'invite', 'closed'),
  }),
  'POST /auth/invitation': shape<InvitationPreview>({
    email: Joi.string().allow(null),
    expires_at: time(),
  }),
  'POST /auth/login': tokens,
  'POST /auth/refresh': tokens,
  'POST /auth/logout': done,
  'GET /users/me': user,
  'PATCH /users/me': user,
  'DELETE /users/me': done,
  'GET /users/me/sessions': list(session),
  'DELETE /users/me/sessions': done,
  'DELETE /users/me/sessions/:id': done,
  'POST /users/me/password': done,
  'GET /users/me/export': shape<AccountExport>({
    exported_at: time(),
    account: user,
    sessions: list(exportedSession),
    usage: list(
      shape<ExportedUsage>({ day: Joi.string(), tokens: count(), models: list(modelUsage) }),
    ),
    conversations: list(exportedConversation),
  }),
  'GET /users/me/usage': shape<UsageReport>({
    day: ownPeriod,
    month: ownPeriod,
    by_model: list(modelUsage),
    days: list(dayUsage),
  }),
  'GET /admin/users': list(user),
  'PATCH /admin/users/:id': user,
  'GET /admin/roles': list(named),
  'POST /admin/roles': named,
  'PATCH /admin/roles/:name': named,
  'DELETE /admin/roles/:name': done,
  'GET /admin/invitations': list(shape<Invitation>(invitationKeys)),
  'POST /admin/invitations': shape<NewInvitation>({
    ...invitationKeys,
    token: Joi.string(),
    url: Joi.string().uri(),
  }),
  'DELETE /admin/invitations/:id': done,
  'POST /admin/models/test': shape<ModelCheck>({
    model: Joi.string(),
    ok: Joi.boolean(),
    fault: Joi.valid(...MODEL_FAULTS).allow(null),
    message: Joi.string(),
    ms: count(),
  }),
  'GET /admin/nodes': list(node),
  'GET /admin/audit': list(audit),
  'GET /admin/usage': shape<UsageList>({
    totals: shape<UsageList['totals']>({ day: total, month: total }),
    users: list(shape<UserUsage>({ ...summary, day: period, month: period })),
  }),
  'GET /agent/search': searchPage,
  'GET /agent/conversations': list(conversation),
  'POST /agent/conversations': conversation,
  'GET /agent/conversations/:id': conversation,
  'PATCH /agent/conversations/:id': conversation,
  'DELETE /agent/conversations/:id': done,
  'GET /agent/conversations/:id/messages': list(message),
  'GET /agent/conversations/:id/export': Joi.alternatives(Joi.string(), conversationExport),
  'POST /agent/imports': shape<ImportStarted>({ id: id(), status: importStatus }),
  'GET /agent/imports/:id': importReport,
  'POST /agent/conversations/:id/restore': shape<AckData<'conversation:restore'>>({ conversation }),
  'POST /agent/messages/:id/edit': ackOf('message:edit'),
  'POST /agent/messages/:id/regenerate': ackOf('message:regenerate'),
  'POST /agent/messages/:id/continue': ackOf('message:continue'),
  'POST /agent/messages/:id/select': ackOf('message:select'),
  'DELETE /agent/messages/:id': ackOf('message:delete'),
  'POST /agent/chat': chat,
  'GET /agent/models': list(
    shape<ModelInfo>({
      ...{ id: Joi.string(), name: Joi.string(), provider: Joi.string(), default: Joi.boolean() },
      ...{ context_window: count().allow(null), max_output: count().allow(null) },
      ...{ vision: Joi.boolean(), reasoning: Joi.boolean() },
      price: shape<Price>({
        ...{ input: Joi.number(), output: Joi.number(), currency: Joi.string() },
      }).allow(null),
    }),
  ),
};

const resumed = {
  status,
  attempt: count(),
  from_seq: count(),
  seq: count(),
  text: text(),
  reasoning: Joi.string().optional(),
};
const live = shape<LiveText>({ ...resumed, message_id: id(), position: count().optional() });

/** What each event's ack carries. A missing one does not compile. */
export const ackShapes: { [E in ClientEventName]: Joi.ObjectSchema<AckData<E>> } = {
  'session:renew': shape<AckData<'session:renew'>>({ expires_at: time() }),
  'conversation:open': shape<AckData<'conversation:open'>>({
    conversation,
    members: list(shape<Member>({ ...summary, role })),
    presence: list(id()),
    messages: list(message),
    has_more: Joi.boolean(),
    live: list(live),
  }),
  'conversation:close': shape<AckData<'conversation:close'>>({}),
  'conversation:create': shape<AckData<'conversation:create'>>({ conversation }),
  'conversation:update': shape<AckData<'conversation:update'>>({ conversation }),
  'conversation:delete': shape<AckData<'conversation:delete'>>({}),
  'conversation:restore': shape<AckData<'conversation:restore'>>({ conversation }),
  'conversation:search': searchPage,
  'read:set': shape<AckData<'read:set'>>({}),
  'conversation:list': shape<AckData<'conversation:list'>>({
    conversations: list(conversation),
    next_cursor: Joi.string().allow(null),
  }),
  'message:send': shape<AckData<'message:send'>>({
    conversation,
    user_message: message,
    assistant_message: message.allow(null),
  }),
  'message:edit': shape<AckData<'message:edit'>>({
    conversation,
    user_message: message,
    assistant_message: message.allow(null),
  }),
  'message:regenerate': shape<AckData<'message:regenerate'>>({
    conversation,
    assistant_message: message,
  }),
  'message:continue': shape<AckData<'message:continue'>>({ assistant_message: message }),
  'message:select': shape<AckData<'message:select'>>({
    conversation,
    messages: list(message),
    has_more: Joi.boolean(),
  }),
  'message:delete': shape<AckData<'message:delete'>>({ message_ids: list(id()) }),
  'generation:stop': shape<AckData<'generation:stop'>>({ status }),
  'generation:resume': shape<AckData<'generation:resume'>>(resumed),
};
