import type { Claim } from '../../entities/entities.js';
import { AnswerNews } from '../answers/answer-news.js';
import { WaitingLine } from '../answers/claims/waiting-line.js';
import { AnswerFollower } from '../answers/follow.js';
import { GenerationService } from '../answers/generation-service.js';
import { GivenRequests } from '../answers/model/given-requests.js';
import { AnswerWatch } from '../answers/reading/answer-watch.js';
import { KeyAnswers } from '../answers/reading/key-answers.js';
import { GenerationRunner, type RunnerDeps } from '../answers/running/generation-runner.js';
import { GenerationScheduler } from '../answers/running/generation-scheduler.js';
import { Asking } from '../conversations/asks/asking.js';
import { createEstimate } from '../conversations/asks/plan.js';
import { BranchService } from '../conversations/branch-service.js';
import type { ConversationService } from '../conversations/conversation-service.js';
import { ConversationView } from '../conversations/conversation-view.js';
import { MessageService } from '../conversations/message-service.js';
import type { TitleService } from '../conversations/title-service.js';
import type { Erasure } from '../erasure.js';
import type { DomainEvents } from '../events.js';
import { createGrouped } from '../grouped.js';
import type { ServiceDeps, ServiceSettings } from '../service-options.js';
import type { Outbox } from '../webhooks/outbox.js';
import type { Models } from './models.js';

/** Ended generations per deleting statement. */
const FORGOTTEN_AT_ONCE = 50;

export interface AnswerParts extends ServiceDeps, Models {
  events: DomainEvents;
  conversations: ConversationService;
  titles: TitleService;
  erasure: Erasure;
  outbox: Outbox;
}

/** Known facts of answers: their position in line, their news, and what follows them. */
function createReading({ db, engine, events, logger }: AnswerParts, settings: ServiceSettings) {
  const { log } = engine;
  const watch = new AnswerWatch(log);
  return {
    watch,
    follower: new AnswerFollower({ log, messages: db.messages, watch }),
    news: new AnswerNews({ db, events, logger }),
    line: new WaitingLine({ db, log }, settings.scheduler.perUser),
    given: new GivenRequests(),
  };
}

type Reading = ReturnType<typeof createReading>;

function createScheduler(parts: AnswerParts, reading: Reading, settings: ServiceSettings) {
  const { db, engine, logger, telemetry, tracing, titles, outbox, provider } = parts;
  const { log, notices } = engine;
  const { news } = reading;
  const runner: RunnerDeps = {
    ...{ ...parts, ...reading, log, notices, tries: settings.tries },
    forget: createGrouped(
      (ids: readonly number[]) => db.generations.delete(ids),
      FORGOTTEN_AT_ONCE,
    ),
    defaults: defaultsOf(parts, settings),
    completed: (claim, text) => titles.completed(claim, text),
    told: () => outbox.kick(),
    tellsInstallation: settings.installation !== null,
  };
  const createRunner = (claim: Claim, waited: boolean) =>
    new GenerationRunner(runner, claim, waited);
  return new GenerationScheduler(
    { db, log, news, notices, logger, telemetry, tracing, pace: provider, createRunner },
    settings.scheduler,
  );
}

const defaultsOf = ({ models }: Models, { model }: ServiceSettings) => ({
  ...model,
  limitsOf: (name: string) => models.limitsOf(name),
});

function createAsking(
  parts: AnswerParts & Reading & { generations: GenerationService; scheduler: GenerationScheduler },
  settings: ServiceSettings,
) {
  const { models } = parts;
  const { log, notices } = parts.engine;
  const { reserveTokens, pendingPerUser } = settings;
  const { leaseMs } = settings.scheduler;
  const estimate = createEstimate(defaultsOf(parts, settings), reserveTokens);
  return new Asking(
    { ...parts, log, notices },
    { models, leaseMs, reserveTokens, pendingPerUser, estimate },
  );
}

/** Creates what an answer needs from the question to its end, and the branches of both. */
export function createAnswers(parts: AnswerParts, settings: ServiceSettings) {
  const { db, models } = parts;
  const { log, notices } = parts.engine;
  const reading = createReading(parts, settings);
  const { watch, follower, given } = reading;
  const own = { ...parts, ...reading, log, notices, leaseMs: settings.scheduler.leaseMs };
  const scheduler = createScheduler(parts, reading, settings);
  const generations = new GenerationService(own);
  const asking = createAsking({ ...own, generations, scheduler }, settings);
  return {
    ...{ watch, given, follower, scheduler, generations },
    messages: new MessageService({ db, models, asking, follower }),
    branches: new BranchService({ ...own, generations }),
    keyAnswers: new KeyAnswers(db.messages),
    view: new ConversationView(db, generations),
  };
}
