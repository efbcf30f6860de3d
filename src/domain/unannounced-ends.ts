import type { LiveLog } from '../ports/engine.js';
import type { Database, Unannounced } from '../ports/repositories.js';
import { isFinished } from './entities.js';
import type { LeaseOptions } from './lease-keeper.js';
import { completedEvent, outcomeOfMessage } from './outcome.js';

interface EndsDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
}

const BATCH = 50;

/** Announces ends that a dead owner had stored but perhaps not announced. */
export async function announceEnds(
  { db, log }: EndsDeps,
  { nodeId, leaseMs }: LeaseOptions,
): Promise<void> {
  const found = await db.generations.claimUnannounced(nodeId, leaseMs, BATCH);
  for (const end of found) {
    await announce(log, end);
    await db.generations.delete(end.generationId);
  }
}

async function announce(log: LiveLog, { message }: Unannounced): Promise<void> {
  const key = { conversationId: message.conversation_id, messageId: message.id };
  if (isFinished(message)) {
    await log.publish(key.conversationId, completedEvent(key, outcomeOfMessage(message)));
  }
  await log.retire(key);
}
