import Joi from 'joi';
import type { UserSummary } from '../../src/contract/accounts.js';
import {
  type ManagedUser,
  type ModelCheck,
  type ModelWords,
  type QueueReport,
  type QueueUser,
  SETTING_GROUPS,
  type Setting,
} from '../../src/contract/admin.js';
import type { AckData, ClientEventName } from '../../src/contract/events.js';
import type { AccountExport, ExportedUsage } from '../../src/contract/export.js';
import type { ImportStarted } from '../../src/contract/imports.js';
import type {
  Invitation,
  InvitationPreview,
  NewInvitation,
  RegistrationInfo,
} from '../../src/contract/invitations.js';
import type { ApiKey, NewApiKey } from '../../src/contract/keys.js';
import type { Acknowledgement, ChatResponse, ModelInfo, Price } from '../../src/contract/rest.js';
import { MODEL_FAULTS } from '../../src/contract/said/model-faults.js';
import type { UsageList, UsageReport, UserUsage } from '../../src/contract/usage.js';
import type { NewWebhook, Webhook } from '../../src/contract/webhooks.js';
import { ackShapes } from './ack-shapes.js';
import {
  audit,
  conversation,
  conversationExport,
  count,
  dayUsage,
  exportedConversation,
  exportedKey,
  exportedSession,
  id,
  importReport,
  importStatus,
  type Keys,
  keyKeys,
  list,
  message,
  modelUsage,
  named,
  node,
  ownPeriod,
  period,
  searchPage,
  session,
  shape,
  status,
  summary,
  text,
  time,
  tokens,
  total,
  user,
  userKeys,
  webhookKeys,
} from './shapes.js';

const { last_delivery: _, ...newWebhookKeys } = webhookKeys;

const done = shape<Acknowledgement>({ message: Joi.string() });

const usageReport = shape<UsageReport>({
  day: ownPeriod,
  month: ownPeriod,
  by_model: list(modelUsage),
  days: list(dayUsage),
});

const managedUser = shape<ManagedUser>({
  ...userKeys,
  tokens_per_day: count().allow(null),
  tokens_per_month: count().allow(null),
});

const chat = shape<ChatResponse>({
  conversation_id: id(),
  message: text(),
  response: text(),
  message_id: id(),
  status,
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

/** The shape that each REST call returns on success. */
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
  'GET /users/me/keys': list(shape<ApiKey>(keyKeys)),
  'POST /users/me/keys': shape<NewApiKey>({
    ...keyKeys,
    key: Joi.string().pattern(/^pk_[\w-]{43}$/),
  }),
  'DELETE /users/me/keys/:id': done,
  'GET /users/me/webhooks': list(shape<Webhook>(webhookKeys)),
  'POST /users/me/webhooks': shape<NewWebhook>({
    ...newWebhookKeys,
    secret: Joi.string().pattern(/^whsec_[\w+/]+=*$/),
  }),
  'DELETE /users/me/webhooks/:id': done,
  'POST /users/me/password': done,
  'GET /users/me/export': shape<AccountExport>({
    exported_at: time(),
    account: user,
    sessions: list(exportedSession),
    keys: list(exportedKey),
    webhooks: list(shape<Webhook>(webhookKeys)),
    usage: list(
      shape<ExportedUsage>({ day: Joi.string(), tokens: count(), models: list(modelUsage) }),
    ),
    conversations: list(exportedConversation),
  }),
  'GET /users/me/usage': usageReport,
  'GET /admin/users': list(managedUser),
  'PATCH /admin/users/:id': managedUser,
  'GET /admin/users/:id/usage': usageReport,
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
    words: Joi.string().allow(null),
    ms: count(),
  }),
  'GET /admin/messages/:id/words': shape<ModelWords>({ message_id: id(), words: Joi.string() }),
  'GET /admin/nodes': list(node),
  'POST /admin/nodes/:id/drain': done,
  'GET /admin/audit': list(audit),
  'GET /admin/settings': list(
    shape<Setting>({
      name: Joi.string(),
      group: Joi.valid(...SETTING_GROUPS),
      value: text().allow(null),
      default: Joi.string().allow(null),
      source: Joi.valid('environment', 'default'),
      unit: Joi.string().allow(null),
      secret: Joi.boolean(),
    }),
  ),
  'GET /admin/queue': shape<QueueReport>({
    waiting: count(),
    running: count(),
    oldest_ms: count(),
    nodes: list(shape<QueueReport['nodes'][number]>({ id: Joi.string(), running: count() })),
    users: list(shape<QueueUser>({ ...summary, waiting: count(), running: count() })),
  }),
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
  'POST /agent/messages': ackOf('message:send'),
  'GET /agent/messages/:id': message,
  'GET /agent/messages/:id/stream': Joi.string(),
  'POST /agent/messages/:id/stop': ackOf('generation:stop'),
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
