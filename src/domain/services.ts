import type { CommonPasswords } from '../ports/common-passwords.js';
import type { CompletionProvider, Tokenizer } from '../ports/completion-provider.js';
import type { Engine, PaceLimits } from '../ports/engine.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories.js';
import { AccountAdmin } from './account-admin.js';
import { AdminRecords } from './admin-records.js';
import { AnswerWatch } from './answer-watch.js';
import { AuthService } from './auth-service.js';
import { ConversationService } from './conversation-service.js';
import { ConversationView } from './conversation-view.js';
import { DomainEvents } from './events.js';
import { ExportService } from './export-service.js';
import type { FlushClock } from './flush-clock.js';
import { GenerationScheduler, type SchedulerOptions } from './generation-scheduler.js';
import { GenerationService } from './generation-service.js';
import type { Logger } from './logger.js';
import { MessageService } from './message-service.js';
import { ModelCatalog } from './model-catalog.js';
import type { ModelDefaults } from './model-request.js';
import { PacedProvider } from './paced-provider.js';
import { PasswordPolicy } from './password-policy.js';
import { PasswordService } from './password-service.js';
import { PasswordUpgrades } from './password-upgrades.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { RoleAdmin } from './role-admin.js';
import { SessionService } from './session-service.js';
import type { SessionPolicy } from './session-turns.js';
import { TokenService, type TokenSettings } from './token-service.js';
import { UsageService } from './usage-service.js';
import { UserService } from './user-service.js';
import { WaitingLine } from './waiting-line.js';

export interface ServiceDeps {
  db: Database;
  engine: Engine;
  provider: CompletionProvider;
  tokenizer: Tokenizer;
  hasher: PasswordHasher;
  commonPasswords: CommonPasswords;
  clock: FlushClock;
  logger: Logger;
}

export interface ServiceSettings {
  auth: TokenSettings & SessionPolicy;
  model: ModelDefaults;
  pace: PaceLimits;
  scheduler: SchedulerOptions;
  /** Claims after which an answer that never came to its end is given up. */
  tries: number;
  /** Unfinished answers that one user may have. */
  pendingPerUser: number;
}

export type Services = ReturnType<typeof createServices>;

/** Everything that the product does, wired once and used by every transport. */
export function createServices(deps: ServiceDeps, settings: ServiceSettings) {
  const { db, engine, hasher, logger } = deps;
  const { log, notices } = engine;
  const events = new DomainEvents();
  const provider = new PacedProvider({ ...deps, pace: engine.pace }, settings.pace);
  const models = new ModelCatalog(provider.models());
  const watch = new AnswerWatch(log, db.messages);
  const tokens = new TokenService(settings.auth);
  const upgrades = new PasswordUpgrades(deps);
  const onPassword = upgrades.consider.bind(upgrades);
  const passwordPolicy = new PasswordPolicy(deps.commonPasswords);
  const refusals = new RefusedSignIns(db.audit, engine.limiter);
  const auth = new AuthService(
    { db, hasher, notices, tokens, onPassword, refusals },
    settings.auth,
  );
  const users = new UserService(db, notices);
  const sessions = new SessionService(db, notices);
  const passwords = new PasswordService({ db, hasher, notices });
  const usage = new UsageService(db);
  const exports = new ExportService(db);
  const accounts = new AccountAdmin(db, notices);
  const roles = new RoleAdmin(db, notices);
  const records = new AdminRecords(db);
  const conversations = new ConversationService(db, events, models);
  const line = new WaitingLine({ db, log }, settings.scheduler.perUser);
  const scheduler = new GenerationScheduler(
    {
      ...deps,
      provider,
      pace: provider,
      log,
      notices,
      line,
      defaults: settings.model,
      tries: settings.tries,
    },
    settings.scheduler,
  );
  const messages = new MessageService(
    { db, log, notices, events, models, conversations, scheduler, watch, line, logger },
    { defaultModel: settings.model.model, pendingPerUser: settings.pendingPerUser },
  );
  const { leaseMs } = settings.scheduler;
  const generations = new GenerationService({ db, log, notices, watch, line, leaseMs });
  const view = new ConversationView(db, generations);
  return {
    events,
    models,
    auth,
    users,
    accounts,
    sessions,
    passwords,
    passwordPolicy,
    usage,
    exports,
    roles,
    records,
    conversations,
    scheduler,
    messages,
    generations,
    view,
  };
}
