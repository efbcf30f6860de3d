import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { ModelInfo, Readiness } from '../contract/rest.js';
import type { AccountAdmin } from '../domain/accounts/account-admin.js';
import type { AdminRecords } from '../domain/accounts/admin-records.js';
import type { ExportService } from '../domain/accounts/export-service.js';
import type { GuessGuard } from '../domain/accounts/guess-guard.js';
import type { InvitationAdmin } from '../domain/accounts/invitation-admin.js';
import type { KeyService } from '../domain/accounts/key-service.js';
import type { PasswordPolicy } from '../domain/accounts/password-policy.js';
import type { PasswordService } from '../domain/accounts/password-service.js';
import type { Registration } from '../domain/accounts/registration.js';
import type { RoleAdmin } from '../domain/accounts/role-admin.js';
import type { UserService } from '../domain/accounts/user-service.js';
import type { AnswerFollower } from '../domain/answers/follow.js';
import type { GenerationService } from '../domain/answers/generation-service.js';
import type { ModelCheck } from '../domain/answers/model/model-check.js';
import type { KeyAnswers } from '../domain/answers/reading/key-answers.js';
import type { CompletionService } from '../domain/completions/completion-service.js';
import type { ConversationCompletions } from '../domain/completions/conversation-completions.js';
import type { DurableCompletions } from '../domain/completions/durable-completions.js';
import type { BranchService } from '../domain/conversations/branch-service.js';
import type { ConversationService } from '../domain/conversations/conversation-service.js';
import type { MessageService } from '../domain/conversations/message-service.js';
import type { SearchService } from '../domain/conversations/search-service.js';
import type { ImportService } from '../domain/imports/import-service.js';
import type { Limit } from '../domain/limits/rate-rules.js';
import type { UsageService } from '../domain/limits/usage-service.js';
import type { UserQueue } from '../domain/limits/user-queue.js';
import type { NodeAdmin } from '../domain/nodes/node-admin.js';
import type { Rights } from '../domain/rights/rights.js';
import type { AuthService } from '../domain/sessions/auth-service.js';
import type { Bearers } from '../domain/sessions/bearers.js';
import type { SessionService } from '../domain/sessions/session-service.js';
import type { WebhookService } from '../domain/webhooks/webhook-service.js';
import type { ImportFiles } from '../ports/import-files.js';
import type { Metrics } from '../ports/metrics.js';
import type { Tracing } from '../ports/tracing.js';
import type { ProgramCalls } from './program-calls.js';
import type { AnswerStreams } from './streams/answer-streams.js';
import type { UnreadResponses } from './unread-responses.js';

/** The services of the node that the REST surface needs. */
export interface HttpDeps {
  config: Pick<Config, 'app' | 'http' | 'auth' | 'limits' | 'settings'>;
  /** The host in the address bar of the caller's browser. */
  hostOf(request: IncomingMessage): string | undefined;
  /** Decides by a request's page whether it may use the user's cookies. */
  allowsOrigin(request: IncomingMessage): boolean;
  auth: Pick<AuthService, 'register' | 'login' | 'readRefresh' | 'refresh' | 'logout' | 'newestOf'>;
  bearers: Pick<Bearers, 'identify'>;
  rights: Pick<Rights, 'require' | 'watch'>;
  users: Pick<UserService, 'update' | 'delete'>;
  exports: Pick<
    ExportService,
    'run' | 'head' | 'conversations' | 'conversation' | 'branch' | 'messages'
  >;
  imports: Pick<ImportService, 'begin' | 'get'>;
  importFiles: Pick<ImportFiles, 'receive'>;
  usage: Pick<UsageService, 'of' | 'list' | 'sums'>;
  keys: Pick<KeyService, 'list' | 'create' | 'revoke'>;
  webhooks: Pick<WebhookService, 'list' | 'create' | 'remove'>;
  sessions: Pick<SessionService, 'list' | 'revoke' | 'revokeOthers'>;
  passwordPolicy: Pick<PasswordPolicy, 'require'>;
  passwords: Pick<PasswordService, 'change'>;
  accounts: Pick<AccountAdmin, 'list' | 'change'>;
  roles: Pick<RoleAdmin, 'list' | 'create' | 'change' | 'delete'>;
  invitations: Pick<InvitationAdmin, 'list' | 'create' | 'revoke'>;
  registration: Pick<Registration, 'state' | 'preview'>;
  /** The records that administrators can read. */
  records: Pick<AdminRecords, 'audit' | 'modelWords'>;
  nodes: Pick<NodeAdmin, 'list' | 'queue' | 'drain'>;
  conversations: Pick<
    ConversationService,
    'create' | 'get' | 'list' | 'update' | 'delete' | 'restore' | 'messages'
  >;
  search: Pick<SearchService, 'search'>;
  messages: Pick<MessageService, 'send' | 'ask' | 'chat' | 'edit' | 'regenerate' | 'continue'>;
  generations: Pick<GenerationService, 'stop'>;
  follower: Pick<AnswerFollower, 'followStored'>;
  keyAnswers: Pick<KeyAnswers, 'require'>;
  streams: Pick<AnswerStreams, 'run'>;
  branches: Pick<BranchService, 'select' | 'delete'>;
  durable: Pick<DurableCompletions, 'begin' | 'follow'>;
  models(): ModelInfo[];
  /** The id of the model with this name; null: it is not offered. */
  findModel(name: string): string | null;
  completions: Pick<CompletionService, 'run'>;
  /** Completions that are stored in a conversation. */
  conversationCompletions: Pick<ConversationCompletions, 'run'>;
  programs: Pick<ProgramCalls, 'run' | 'hold'>;
  modelCheck: Pick<ModelCheck, 'run'>;
  tracing: Pick<Tracing, 'request'>;
  readiness(): Promise<Readiness>;
  limit: Limit;
  unread: Pick<UnreadResponses, 'admit' | 'require' | 'expectReader'>;
  /** Users' reads wait in it. */
  queue: Pick<UserQueue, 'run' | 'charge'>;
  guard: Pick<GuessGuard, 'login' | 'confirm'>;
  /** Metrics of the main port; null: it serves none. */
  metrics: { source: Metrics; token: string } | null;
  /** Directory of the page and its assets. */
  publicDir: string;
  logger: Logger;
}
