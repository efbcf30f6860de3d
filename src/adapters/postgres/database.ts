import type { Sequelize } from 'sequelize';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import { createAccountRepository } from './accounts/account-repository.js';
import { createAuditRepository } from './accounts/audit-repository.js';
import { createExportRepository } from './accounts/export-repository.js';
import { createInvitationRepository } from './accounts/invitation-repository.js';
import { createKeyRepository } from './accounts/key-repository.js';
import { createRoleRepository } from './accounts/role-repository.js';
import { createSessionRepository } from './accounts/session-repository.js';
import { createUserRepository } from './accounts/user-repository.js';
import { createWebhookRepository } from './accounts/webhook-repository.js';
import { createConversationRepository } from './conversations/conversation-repository.js';
import { createImportRepository } from './conversations/import-repository.js';
import { createMessageRepository } from './conversations/message-repository.js';
import { createModelWordsRepository } from './conversations/model-words.js';
import { createScreenRepository } from './conversations/screen-repository.js';
import { lazySearchLetters, type SearchLetters } from './conversations/search-letters.js';
import { createTitleRepository } from './conversations/title-repository.js';
import { createTreeRepository } from './conversations/tree-repository.js';
import { createRemovals } from './erasure/removal.js';
import { createDeploymentRepository } from './history/deployment-repository.js';
import { createNodeRepository } from './node-repository.js';
import { createOutboxRepository } from './outbox/outbox-repository.js';
import { createCompletionRepository } from './queue/completion-repository.js';
import { createGenerationRepository } from './queue/generation-repository.js';
import { defineModels, type Models } from './sql/models.js';
import { createSql, type Sql, type Transact, transaction } from './sql/sql.js';
import { createUsageRepository } from './usage/usage-repository.js';

const repositories = (
  sql: Sql,
  models: Models,
  transact: Transact,
  letters: () => Promise<SearchLetters>,
): Repositories => ({
  users: createUserRepository(sql, models, transact),
  accounts: createAccountRepository(sql, transact),
  roles: createRoleRepository(sql),
  invitations: createInvitationRepository(sql),
  audit: createAuditRepository(sql),
  sessions: createSessionRepository(sql, models),
  keys: createKeyRepository(sql),
  webhooks: createWebhookRepository(sql),
  conversations: createConversationRepository(sql, transact, letters),
  messages: createMessageRepository(sql),
  modelWords: createModelWordsRepository(sql),
  generations: createGenerationRepository(sql, transact),
  completions: createCompletionRepository(sql, transact),
  outbox: createOutboxRepository(sql),
  usage: createUsageRepository(sql, transact),
  exports: createExportRepository(sql),
  imports: createImportRepository(sql, transact),
  nodes: createNodeRepository(sql, models),
  deployment: createDeploymentRepository(sql),
  screens: createScreenRepository(sql),
  titles: createTitleRepository(sql),
  tree: createTreeRepository(sql),
});

/**
 * Fails as a write to any of these tables would, and writes nothing: if Postgres is read-only, or tables or rights
 * are missing.
 */
const WRITABLE = `WITH ${['users', 'sessions', 'conversations', 'messages', 'generations', 'nodes']
  .map((table) => `${table}_ AS (DELETE FROM ${table} WHERE false)`)
  .join(', ')} SELECT 1`;

/** Each call has a connection, or a transaction, of its own. */
const pooled = (
  sequelize: Sequelize,
  models: Models,
  letters: () => Promise<SearchLetters>,
): Repositories =>
  repositories(createSql(sequelize), models, (work) => transaction(sequelize, work), letters);

/**
 * `vital`: the pool for calls that keep a node and its answers alive. Leases, ends of answers, sessions and health
 * never wait for a connection that a user's expensive call holds.
 */
export function createDatabase(sequelize: Sequelize, vital = sequelize): Database {
  const models = defineModels(sequelize);
  const letters = lazySearchLetters();
  const all = pooled(sequelize, models, letters);
  const { sessions, keys, generations, completions, nodes, deployment } = pooled(
    vital,
    vital === sequelize ? models : defineModels(vital),
    letters,
  );
  const { findWithUsers, states, markSeen } = sessions;
  const { owner, findWithUsers: findKeys, use } = keys;
  const { renew, finish } = generations;
  const { renew: renewCompletions, finish: finishCompletion } = completions;
  return {
    ...all,
    sessions: { ...all.sessions, findWithUsers, states, markSeen },
    keys: { ...all.keys, owner, findWithUsers: findKeys, use },
    generations: { ...all.generations, renew, finish },
    completions: { ...all.completions, renew: renewCompletions, finish: finishCompletion },
    nodes,
    deployment: { ...all.deployment, read: deployment.read },
    transaction: (work) =>
      transaction(sequelize, (tx) => work(repositories(tx, models, (inner) => inner(tx), letters))),
    removals: createRemovals((work) => transaction(sequelize, work)),
    async ping() {
      await createSql(vital).run(WRITABLE);
    },
  };
}
