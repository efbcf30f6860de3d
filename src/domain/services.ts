import type { Claim } from '../model/entities.js';
import type { CommonPasswords } from '../ports/common-passwords.js';
import type { CompletionProvider, Tokenizer } from '../ports/completion-provider.js';
import type { Engine } from '../ports/engine.js';
import type { ImportFiles } from '../ports/import-files.js';
import type { PaceLimits } from '../ports/model-pace.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories.js';
import type { Telemetry } from '../ports/telemetry.js';
import { AccountAdmin } from './accounts/account-admin.js';
import { AdminRecords } from './accounts/admin-records.js';
import { ExportService } from './accounts/export-service.js';
import { InvitationAdmin } from './accounts/invitation-admin.js';
import { KeyService } from './accounts/key-service.js';
import { PasswordPolicy } from './accounts/password-policy.js';
import { PasswordService } from './accounts/password-service.js';
import { PasswordUpgrades } from './accounts/password-upgrades.js';
import { RefusedSignIns } from './accounts/refused-sign-ins.js';
import { Registration, type RegistrationMode } from './accounts/registration.js';
import { RoleAdmin } from './accounts/role-admin.js';
import { UserService } from './accounts/user-service.js';
import { AnswerNews } from './answers/answer-news.js';
import { AnswerWatch } from './answers/answer-watch.js';
import type { FlushClock } from './answers/flush-clock.js';
import { AnswerFollower } from './answers/follow.js';
import { GenerationRunner } from './answers/generation-runner.js';
import { GenerationScheduler, type SchedulerOptions } from './answers/generation-scheduler.js';
import { GenerationService } from './answers/generation-service.js';
import { KeyAnswers } from './answers/key-answers.js';
import { ModelCatalog } from './answers/model-catalog.js';
import { ModelCheck } from './answers/model-check.js';
import type { ModelDefaults } from './answers/model-request.js';
import { ModelRouter } from './answers/model-router.js';
import { PacedProvider } from './answers/paced-provider.js';
import { WaitingLine } from './answers/waiting-line.js';
import { Asking } from './conversations/asks/asking.js';
import { createEstimate } from './conversations/asks/plan.js';
import { BranchService } from './conversations/branch-service.js';
import { ConversationService } from './conversations/conversation-service.js';
import { ConversationView } from './conversations/conversation-view.js';
import { MessageService } from './conversations/message-service.js';
import { SearchService } from './conversations/search-service.js';
import { TitleService, type TitleSettings } from './conversations/title-service.js';
import { Erasure } from './erasure.js';
import { DomainEvents } from './events.js';
import { createGrouped } from './grouped.js';
import { ImportService } from './imports/import-service.js';
import { HeavyWork, type HeavyWorkLimits } from './limits/heavy-work.js';
import { UsageService } from './limits/usage-service.js';
import type { Logger } from './logger.js';
import { NodeAdmin } from './node-admin.js';
import { AuthService } from './sessions/auth-service.js';
import { Bearers } from './sessions/bearers.js';
import { KeyAuth } from './sessions/key-auth.js';
import { Rights } from './sessions/rights.js';
import type { SessionPolicy } from './sessions/session-rotation.js';
import { SessionService } from './sessions/session-service.js';
import { TokenService, type TokenSettings } from './sessions/token-service.js';

export interface ModelServer {
  provider: CompletionProvider;
  /** What it allows all nodes together. */
  limits: PaceLimits;
  /** Names its line to all nodes; null: the line that is there without a name. */
  line: string | null;
}

export interface ServiceDeps {
  db: Database;
  engine: Engine;
  /** The model servers, that of the variables first; not empty. */
  servers: readonly ModelServer[];
  tokenizer: Tokenizer;
  hasher: PasswordHasher;
  commonPasswords: CommonPasswords;
  clock: FlushClock;
  importFiles: ImportFiles;
  /** The common clock of all nodes, in ms since the epoch. */
  now: () => number;
  logger: Logger;
  telemetry: Telemetry;
}

export interface ServiceSettings {
  auth: TokenSettings & SessionPolicy & { registration: RegistrationMode };
  model: ModelDefaults;
  /** What an answer without a longest length reserves of its user's quota. */
  reserveTokens: number;
  titles: TitleSettings;
  scheduler: SchedulerOptions;
  /** Claims after which an unfinished answer is given up. */
  tries: number;
  /** Most unfinished answers of one user. */
  pendingPerUser: number;
  heavyWork: HeavyWorkLimits;
  imports: HeavyWorkLimits;
}

/** Ended generations per deleting statement. */
const FORGOTTEN_AT_ONCE = 50;

export type Services = ReturnType<typeof createServices>;

/** All services of the product, wired once for every transport. */
export function createServices(deps: ServiceDeps, settings: ServiceSettings) {
  const { db, engine, hasher, logger, telemetry } = deps;
  const { log, notices } = engine;
  const events = new DomainEvents();
  const servers = deps.servers.map(({ provider, limits, line }) => {
    const pace = line === null ? engine.pace : engine.paceOf(line);
    return new PacedProvider({ ...deps, provider, pace }, limits);
  });
  const provider = new ModelRouter(servers, logger);
  const models = new ModelCatalog(provider.models(), settings.model.model, servers.length === 1);
  const modelCheck = new ModelCheck({
    ...{ db, models },
    serverOf: (model) => provider.serverOf(model),
  });
  const watch = new AnswerWatch(log, db.messages);
  const follower = new AnswerFollower({ log, messages: db.messages, watch });
  const tokens = new TokenService(settings.auth, deps.now);
  const upgrades = new PasswordUpgrades(deps);
  const passwordPolicy = new PasswordPolicy(deps.commonPasswords);
  const refusals = new RefusedSignIns(db.audit, engine.limiter);
  const registration = new Registration(db, settings.auth.registration);
  const keyAuth = new KeyAuth(db.keys, deps.now);
  const auth = new AuthService(
    { db, hasher, notices, tokens, upgrades, refusals, registration, keys: keyAuth },
    settings.auth,
    deps.now,
  );
  const bearers = new Bearers(auth, keyAuth);
  const keys = new KeyService({ db, notices, now: deps.now });
  const rights = new Rights({ notices, standing: (id) => auth.standingOf(id) });
  const erasure = new Erasure(db.removals, logger);
  // Separate, because an export lasts as long as its reader likes.
  const searches = new HeavyWork(settings.heavyWork);
  const downloads = new HeavyWork(settings.heavyWork);
  const users = new UserService({ db, notices, erasure });
  const sessions = new SessionService(db, notices);
  const passwords = new PasswordService({ db, hasher, notices });
  const usage = new UsageService(db, models);
  const exports = new ExportService(db, downloads);
  const accounts = new AccountAdmin(db, notices);
  const roles = new RoleAdmin(db, notices);
  const invitations = new InvitationAdmin(db);
  const records = new AdminRecords(db);
  const nodes = new NodeAdmin(db, notices);
  const imports = new ImportService({
    ...{ db, events, logger, files: deps.importFiles, now: deps.now },
    work: new HeavyWork(settings.imports),
    findModel: (name) => models.find(name),
  });
  const conversations = new ConversationService({
    ...{ db, events, models, log, notices, searches },
  });
  const search = new SearchService({ db, searches });
  const titles = new TitleService({ ...deps, provider, conversations, models }, settings.titles);
  const news = new AnswerNews({ db, events, logger });
  const line = new WaitingLine({ db, log }, settings.scheduler.perUser);
  const defaults = { ...settings.model, limitsOf: (model: string) => models.limitsOf(model) };
  const runner = {
    ...{ ...deps, provider, log, news, notices, line, models },
    forget: createGrouped(
      (ids: readonly number[]) => db.generations.delete(ids),
      FORGOTTEN_AT_ONCE,
    ),
    defaults,
    completed: (claim: Claim, text: string) => titles.completed(claim, text),
    tries: settings.tries,
  };
  const createRunner = (claim: Claim, waited: boolean) =>
    new GenerationRunner(runner, claim, waited);
  const scheduler = new GenerationScheduler(
    { db, log, news, notices, logger, telemetry, pace: provider, createRunner },
    settings.scheduler,
  );
  const { reserveTokens } = settings;
  const { leaseMs } = settings.scheduler;
  const generations = new GenerationService({
    ...{ db, log, news, notices, watch, line, leaseMs, telemetry },
  });
  const asking = new Asking(
    { db, log, notices, events, conversations, generations, scheduler, line, logger, telemetry },
    {
      ...{ models, leaseMs, reserveTokens },
      pendingPerUser: settings.pendingPerUser,
      estimate: createEstimate(defaults, reserveTokens),
    },
  );
  const messages = new MessageService({ db, models, asking, follower });
  const branches = new BranchService({
    db,
    log,
    notices,
    conversations,
    generations,
    watch,
    erasure,
    leaseMs,
  });
  const view = new ConversationView(db, generations);
  return {
    events,
    models,
    modelCheck,
    auth,
    bearers,
    keys,
    rights,
    users,
    accounts,
    sessions,
    passwords,
    passwordPolicy,
    usage,
    exports,
    imports,
    roles,
    invitations,
    registration,
    records,
    nodes,
    conversations,
    search,
    titles,
    scheduler,
    messages,
    branches,
    generations,
    follower,
    keyAnswers: new KeyAnswers(db.messages),
    view,
    erasure,
  };
}
