import type { AccountRepository } from './account-repository.js';
import type { AuditRepository } from './audit-repository.js';
import type { CompletionRepository } from './completion-repository.js';
import type { ConversationRepository } from './conversation-repository.js';
import type { DeploymentRepository } from './deployment-repository.js';
import type { ExportRepository } from './export-repository.js';
import type { GenerationRepository } from './generation-repository.js';
import type { ImportRepository } from './import-repository.js';
import type { InvitationRepository } from './invitation-repository.js';
import type { KeyRepository } from './key-repository.js';
import type { MessageRepository } from './message-repository.js';
import type { ModelWordsRepository } from './model-words-repository.js';
import type { NodeRepository } from './node-repository.js';
import type { OutboxRepository } from './outbox-repository.js';
import type { Removals } from './removals.js';
import type { RoleRepository } from './role-repository.js';
import type { ScreenRepository } from './screen-repository.js';
import type { SessionRepository } from './session-repository.js';
import type { TitleRepository } from './title-repository.js';
import type { TreeRepository } from './tree-repository.js';
import type { UsageRepository } from './usage-repository.js';
import type { UserRepository } from './user-repository.js';
import type { WebhookRepository } from './webhook-repository.js';

/** All tables. Inside `transaction` all calls share one transaction, which commits when `work` resolves. */
export interface Repositories {
  users: UserRepository;
  accounts: AccountRepository;
  sessions: SessionRepository;
  keys: KeyRepository;
  webhooks: WebhookRepository;
  roles: RoleRepository;
  invitations: InvitationRepository;
  audit: AuditRepository;
  conversations: ConversationRepository;
  messages: MessageRepository;
  modelWords: ModelWordsRepository;
  generations: GenerationRepository;
  completions: CompletionRepository;
  outbox: OutboxRepository;
  usage: UsageRepository;
  exports: ExportRepository;
  imports: ImportRepository;
  nodes: NodeRepository;
  deployment: DeploymentRepository;
  screens: ScreenRepository;
  titles: TitleRepository;
  tree: TreeRepository;
}

export interface Database extends Repositories {
  removals: Removals;
  /** A lost connection rejects with AppError `unavailable`. */
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>;
  /** Resolves if Postgres accepts writes. @throws AppError `unavailable` */
  ping(): Promise<void>;
}
