import Joi from 'joi';
import type { Session, TokenResponse, User, UserSummary } from '../../src/contract/accounts.js';
import type { GatewayNode, Role } from '../../src/contract/admin.js';
import { AUDIT_ACTIONS, type AuditEntry } from '../../src/contract/audit.js';
import {
  type ChatProblem,
  ERRORS,
  type FieldError,
  type WireError,
} from '../../src/contract/errors.js';
import type {
  AccountExport,
  ConversationExport,
  ExportedKey,
  ExportedMessage,
  ExportedSession,
} from '../../src/contract/export.js';
import type { ImportReport } from '../../src/contract/imports.js';
import type { ApiKey } from '../../src/contract/keys.js';
import { PERMISSIONS } from '../../src/contract/permissions.js';
import type {
  Conversation,
  ConversationAnswer,
  Message,
  MessageError,
  PromptContext,
  Usage,
} from '../../src/contract/rest.js';
import { SCOPES } from '../../src/contract/scopes.js';
import type { SearchPage, SearchResult } from '../../src/contract/search.js';
import type {
  DayUsage,
  ModelUsage,
  OwnUsagePeriod,
  UsagePeriod,
} from '../../src/contract/usage.js';
import { type LastDelivery, WEBHOOK_EVENTS, type Webhook } from '../../src/contract/webhooks.js';
import { REFUSAL_REASONS } from '../../src/entities/refusal-reasons.js';

export type Keys<T> = { [K in keyof Required<T>]: Joi.Schema };

/** Exactly these keys: another one could be somebody's secret. */
export const shape = <T>(keys: Keys<T>): Joi.ObjectSchema<T> =>
  Joi.object<T>(keys).required().prefs({ convert: false, presence: 'required' });

export const list = (item: Joi.Schema) => Joi.array().items(item.optional()).required();
export const text = () => Joi.string().allow('');
export const id = () => Joi.number().integer().min(1);
export const count = () => Joi.number().integer().min(0);
export const time = () => Joi.string().pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const status = Joi.valid(
  'queued',
  'streaming',
  'completed',
  'stopped',
  'interrupted',
  'failed',
);
const code = Joi.valid(...Object.keys(ERRORS));
const findings = list(
  shape<FieldError>({
    path: text(),
    message: text(),
    rule: Joi.string(),
    values: Joi.object().optional(),
  }),
);

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

export const userKeys: Keys<User> = {
  id: id(),
  email: Joi.string(),
  username: Joi.string(),
  roles: list(Joi.string()),
  is_active: Joi.boolean(),
  created_at: time(),
};
export const user = shape<User>(userKeys);
export const summary = { id: id(), username: Joi.string() } satisfies Keys<UserSummary>;
export const role = Joi.valid('owner', 'editor', 'viewer');

export const conversation = shape<Conversation>({
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
  answer: shape<ConversationAnswer>({
    message_id: id(),
    attempt: count(),
    status,
  }).allow(null),
  created_at: time(),
  updated_at: time(),
  last_message_at: time().allow(null),
});

export const searchPage = shape<SearchPage>({
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

export const usage = shape<Usage>({
  prompt_tokens: count(),
  completion_tokens: count(),
  total_tokens: count(),
  cached_tokens: count(),
  reasoning_tokens: count(),
  estimated: Joi.boolean(),
  cost: Joi.number().min(0).allow(null),
});

const receipt = Joi.string().pattern(/^[0-9a-f]{64}$/);

export const message = shape<Message>({
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

export const tokens = shape<TokenResponse>({
  access_token: Joi.string(),
  refresh_token: Joi.string(),
  token_type: Joi.valid('bearer'),
  expires_in: count(),
  user,
});

export const session = shape<Session>({
  id: Joi.string(),
  device: Joi.string(),
  user_agent: text(),
  ip: text(),
  created_at: time(),
  last_used_at: time(),
  expires_at: time(),
  current: Joi.boolean(),
});

export const period = shape<UsagePeriod>({ tokens: count(), limit: count().allow(null) });
const cost = () => Joi.number().min(0).allow(null);
export const ownPeriod = shape<OwnUsagePeriod>({
  tokens: count(),
  reserved: count(),
  limit: count().allow(null),
  cost: cost(),
});
export const modelUsage = shape<ModelUsage>({ model: Joi.string(), tokens: count(), cost: cost() });
export const dayUsage = shape<DayUsage>({ day: Joi.string(), tokens: count(), cost: cost() });
export const total = shape<{ tokens: number }>({ tokens: count() });
export const named = shape<Role>({
  name: Joi.string(),
  permissions: list(Joi.valid(...PERMISSIONS)),
  tokens_per_day: Joi.number().integer().allow(null),
  tokens_per_month: Joi.number().integer().allow(null),
  built_in: Joi.boolean(),
  created_at: time(),
});
export const node = shape<GatewayNode>({
  id: Joi.string(),
  hostname: text(),
  version: text(),
  hears: Joi.boolean(),
  alive: Joi.boolean(),
  draining: Joi.boolean(),
  running: count(),
  started_at: time(),
  beat_at: time(),
});
export const audit = shape<AuditEntry>({
  id: id(),
  at: time(),
  action: Joi.valid(...AUDIT_ACTIONS),
  actor_id: id().allow(null),
  subject_id: id().allow(null),
  actor: shape<UserSummary>(summary).allow(null),
  subject: shape<UserSummary>(summary).allow(null),
  session_id: Joi.string().allow(null),
  ip: text(),
  user_agent: text(),
  details: Joi.object(),
});
export const exportedSession = shape<ExportedSession>({
  id: Joi.string(),
  user_agent: text(),
  ip: text(),
  created_at: time(),
  last_used_at: time(),
  expires_at: time(),
  revoked_at: time().allow(null),
});
export const keyKeys: Keys<ApiKey> = {
  id: Joi.string(),
  name: Joi.string(),
  prefix: Joi.string().pattern(/^pk_[\w-]{7}$/),
  scopes: list(Joi.valid(...SCOPES)),
  created_at: time(),
  expires_at: time().allow(null),
  last_used_at: time().allow(null),
};
export const webhookKeys: Keys<Webhook> = {
  id: Joi.string().guid(),
  url: Joi.string(),
  events: list(Joi.valid(...WEBHOOK_EVENTS)),
  created_at: time(),
  last_delivery: shape<LastDelivery>({
    at: time(),
    ok: Joi.boolean(),
    status: count().allow(null),
  }).allow(null),
};

export const exportedKey = shape<ExportedKey>({ ...keyKeys, revoked_at: time().allow(null) });
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
export const exportedConversation =
  shape<AccountExport['conversations'][number]>(exportedConversationKeys);
export const conversationExport = shape<ConversationExport>({
  ...exportedConversationKeys,
  exported_at: time(),
  exported_by: Joi.string(),
});
export const importStatus = Joi.valid('running', 'done', 'failed');
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
