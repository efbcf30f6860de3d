import type { StoredCompletion } from '../../ports/repositories/completion-repository.js';
import { AnswerFollower } from '../answers/follow.js';
import type { GenerationService } from '../answers/generation-service.js';
import type { GivenRequests } from '../answers/model/given-requests.js';
import type { AnswerWatch } from '../answers/reading/answer-watch.js';
import { CompletionRunner, type CompletionRunnerDeps } from '../completions/completion-runner.js';
import { CompletionScheduler } from '../completions/completion-scheduler.js';
import { CompletionService } from '../completions/completion-service.js';
import { ConversationCompletions } from '../completions/conversation-completions.js';
import { DurableCompletions } from '../completions/durable-completions.js';
import { ReservationKeeper } from '../completions/reservation-keeper.js';
import { StoredCalls } from '../completions/stored-call.js';
import type { MessageService } from '../conversations/message-service.js';
import type { OwedCharges } from '../limits/owed-charges.js';
import type { ServiceDeps, ServiceSettings } from '../service-options.js';
import type { Models } from './models.js';

/** A node renews what its running calls hold this many times in a lease, as it does with leases themselves. */
const RENEWALS = 3;

export interface CompletionParts extends ServiceDeps, Models {
  owed: OwedCharges;
  watch: AnswerWatch;
  follower: AnswerFollower;
  given: GivenRequests;
  messages: MessageService;
  generations: GenerationService;
}

/** Runs stored calls, also those of nodes that are gone. */
function createRuns(deps: ServiceDeps, calls: StoredCalls, settings: ServiceSettings) {
  const { db, logger } = deps;
  const { log, notices } = deps.engine;
  const runner: CompletionRunnerDeps = {
    ...{ ...deps, log, notices, tries: settings.tries },
    callAgain: (claim, request) => calls.again(claim, request),
  };
  return new CompletionScheduler(
    {
      ...{ db, notices, logger },
      createRunner: (claim, call) => new CompletionRunner(runner, claim, call),
    },
    settings.scheduler,
  );
}

/** Follows stored calls, which have the ids of no message. */
const followerOf = ({ db, engine: { log }, watch }: CompletionParts) =>
  new AnswerFollower<StoredCompletion>({
    log,
    messages: { find: (id, userId) => db.completions.find(-id, userId) },
    watch,
  });

/** Calls of programs: plain ones, stored ones that another node can take over, and those within a conversation. */
export function createCompletions(parts: CompletionParts, settings: ServiceSettings) {
  const { db, logger } = parts;
  const { reserveTokens } = settings;
  const { nodeId, leaseMs } = settings.scheduler;
  const metered = { ...parts, reserveTokens };
  const callsHeld = new ReservationKeeper(db.usage, logger, leaseMs / RENEWALS);
  const calls = new StoredCalls(metered);
  const completionRuns = createRuns(parts, calls, settings);
  const follower = followerOf(parts);
  return {
    ...{ callsHeld, completionRuns },
    completions: new CompletionService(metered, callsHeld),
    durable: new DurableCompletions({
      ...{ db, calls, scheduler: completionRuns, follower, nodeId, leaseMs },
    }),
    conversationCompletions: new ConversationCompletions(parts),
  };
}
