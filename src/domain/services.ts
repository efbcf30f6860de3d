import type { Claim } from '../model/entities.js';
import type { StoredCompletion } from '../ports/completion-repository.js';
import { AccountAdmin } from './accounts/account-admin.js';
import { AdminRecords } from './accounts/admin-records.js';
import { ExportService } from './accounts/export-service.js';
import { InvitationAdmin } from './accounts/invitation-admin.js';
import { KeyService } from './accounts/key-service.js';
import { PasswordPolicy } from './accounts/password-policy.js';
import { PasswordService } from './accounts/password-service.js';
import { PasswordUpgrades } from './accounts/password-upgrades.js';
import { RefusedSignIns } from './accounts/refused-sign-ins.js';
import { Registration } from './accounts/registration.js';
import { RoleAdmin } from './accounts/role-admin.js';
import { UserService } from './accounts/user-service.js';
import { AnswerNews } from './answers/answer-news.js';
import { AnswerWatch } from './answers/answer-watch.js';
import { AnswerFollower } from './answers/follow.js';
import { GenerationRunner } from './answers/generation-runner.js';
import { GenerationScheduler } from './answers/generation-scheduler.js';
import { GenerationService } from './answers/generation-service.js';
import { GivenRequests } from './answers/given-requests.js';
import { KeyAnswers } from './answers/key-answers.js';
import { ModelCatalog } from './answers/model-catalog.js';
import { ModelCheck } from './answers/model-check.js';
import { ModelRouter } from './answers/model-router.js';
import { PacedProvider } from './answers/paced-provider.js';
import { WaitingLine } from './answers/waiting-line.js';
import { CompletionRunner } from './completions/completion-runner.js';
import { CompletionScheduler } from './completions/completion-scheduler.js';
import { CompletionService } from './completions/completion-service.js';
import { ConversationCompletions } from './completions/conversation-completions.js';
import { DurableCompletions } from './completions/durable-completions.js';
import { OwedCharges } from './completions/owed-charges.js';
import { ReservationKeeper } from './completions/reservation-keeper.js';
import { StoredCalls } from './completions/stored-call.js';
import { Asking } from './conversations/asks/asking.js';
import { createEstimate } from './conversations/asks/plan.js';
import { BranchService } from './conversations/branch-service.js';
import { ConversationService } from './conversations/conversation-service.js';
import { ConversationView } from './conversations/conversation-view.js';
import { MessageService } from './conversations/message-service.js';
import { SearchService } from './conversations/search-service.js';
import { TitleService } from './conversations/title-service.js';
import { Erasure } from './erasure.js';
import { DomainEvents } from './events.js';
import { createGrouped } from './grouped.js';
import { ImportService } from './imports/import-service.js';
import { HeavyWork } from './limits/heavy-work.js';
import { UsageService } from './limits/usage-service.js';
import { NodeAdmin } from './node-admin.js';
import type { ServiceDeps, ServiceSettings } from './service-options.js';
import { AuthService } from './sessions/auth-service.js';
import { Bearers } from './sessions/bearers.js';
import { KeyAuth } from './sessions/key-auth.js';
import { Rights } from './sessions/rights.js';
import { SessionService } from './sessions/session-service.js';
import { TokenService } from './sessions/token-service.js';
import { Outbox } from './webhooks/outbox.js';
import { WebhookService } from './webhooks/webhook-service.js';

/** How often within a lease a node renews what its running calls hold: as often as leases themselves. */
const RENEWALS = 3;
/** Ended generations per deleting statement. */
const FORGOTTEN_AT_ONCE = 50;

export type Services = ReturnType<typeof createServices>;

/** All services of the product, wired once for every transport. */
export function createServices(deps: ServiceDeps, settings: ServiceSettings) {
  const { db, engine, hasher, logger, telemetry, tracing } = deps;
  const { log, notices } = engine;
  const events = new DomainEvents();
  const servers = deps.servers.map(({ provider, limits, line }) => {
    const pace = line === null ? engine.pace : engine.paceOf(line);
    return new PacedProvider({ ...deps, provider, pace }, limits);
  });
  const provider = new ModelRouter(servers, logger);
  const models = new ModelCatalog(provider.models(), settings.model.model, servers.length === 1);
  const serverOf = (model: string) => provider.serverOf(model);
  const modelCheck = new ModelCheck({ db, models, serverOf });
  const watch = new AnswerWatch(log);
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
  const { installation } = settings;
  const webhooks = new WebhookService({ db, sender: deps.webhookSender });
  const outbox = new Outbox({
    ...{ db, logger, telemetry, tracing, installation, now: deps.now },
    presence: engine.presence,
    sender: deps.webhookSender,
  });
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
  const given = new GivenRequests();
  const runner = {
    ...{ ...deps, provider, log, news, notices, line, models, given },
    forget: createGrouped(
      (ids: readonly number[]) => db.generations.delete(ids),
      FORGOTTEN_AT_ONCE,
    ),
    defaults,
    completed: (claim: Claim, text: string) => titles.completed(claim, text),
    tries: settings.tries,
    told: () => outbox.kick(),
    tellsInstallation: installation !== null,
  };
  const createRunner = (claim: Claim, waited: boolean) =>
    new GenerationRunner(runner, claim, waited);
  const scheduler = new GenerationScheduler(
    { db, log, news, notices, logger, telemetry, tracing, pace: provider, createRunner },
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
  const owed = new OwedCharges(db.usage, logger);
  const metered = { ...deps, owed, provider, models, reserveTokens };
  const callsHeld = new ReservationKeeper(db.usage, logger, leaseMs / RENEWALS);
  const completions = new CompletionService(metered, callsHeld);
  const calls = new StoredCalls(metered);
  const completionRuns = new CompletionScheduler(
    {
      ...{ db, notices, logger },
      createRunner: (claim, call) =>
        new CompletionRunner(
          {
            ...{ ...deps, log, notices, tries: settings.tries },
            callAgain: (again, request) => calls.again(again, request),
          },
          claim,
          call,
        ),
    },
    settings.scheduler,
  );
  const durable = new DurableCompletions({
    ...{ db, calls, scheduler: completionRuns, nodeId: settings.scheduler.nodeId, leaseMs },
    follower: new AnswerFollower<StoredCompletion>({
      log,
      messages: { find: (id, userId) => db.completions.find(-id, userId) },
      watch,
    }),
  });
  const messages = new MessageService({ db, models, asking, follower });
  const talks = new ConversationCompletions({
    ...{ ...deps, messages, generations, follower, given, provider },
  });
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
    webhooks,
    outbox,
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
    completions,
    owed,
    callsHeld,
    completionRuns,
    durable,
    talks,
    branches,
    generations,
    follower,
    keyAnswers: new KeyAnswers(db.messages),
    view,
    erasure,
  };
}
