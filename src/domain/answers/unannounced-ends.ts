import { isFinished } from '../../model/entities.js';
import type { LiveLog } from '../../ports/engine.js';
import type { Unannounced } from '../../ports/generation-repository.js';
import type { Database } from '../../ports/repositories.js';
import type { LeaseOptions } from './lease-keeper.js';
import { completedEvent, outcomeOfMessage } from './outcome.js';

interface EndsDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
}

const BATCH = 50;

/** Announces ends that were stored but perhaps not announced to all nodes; what fails now is left to the next look. */
export async function announceEnds(
  { db, log }: EndsDeps,
  { nodeId, leaseMs }: LeaseOptions,
): Promise<void> {
  const found = await db.generations.claimUnannounced(nodeId, leaseMs, BATCH);
  for (const end of found) {
    if (await announce(log, end)) await db.generations.delete([end.generationId]);
  }
}

/** False: other nodes have not got it. */
async function announce(log: LiveLog, { message }: Unannounced): Promise<boolean> {
  const key = { conversationId: message.conversation_id, messageId: message.id };
  const event = isFinished(message) ? completedEvent(key, outcomeOfMessage(message)) : null;
  const told = event ? await log.publish(key.conversationId, event) : 'appended';
  await log.retire(key);
  return told === 'appended';
}
