import { isFinished } from '../../../entities/entities.js';
import type { LiveLog } from '../../../ports/live-log.js';
import type { Database } from '../../../ports/repositories/repositories.js';
import type { Tracing } from '../../../ports/tracing.js';
import { announceStoredEnd } from '../announce-end.js';
import type { AnswerNews } from '../answer-news.js';
import type { LeaseOptions } from './lease-keeper.js';

interface EndsDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
  news: Pick<AnswerNews, 'tell'>;
  tracing: Pick<Tracing, 'ending'>;
}

const BATCH = 50;

/**
 * Announces ends that were stored but perhaps not announced to all nodes. Those that fail now are left to the next
 * look.
 */
export async function announceEnds(
  { db, log, news, tracing }: EndsDeps,
  { nodeId, leaseMs }: LeaseOptions,
): Promise<void> {
  const found = await db.generations.claimUnannounced(nodeId, leaseMs, BATCH);
  for (const { generationId, message, trace } of found) {
    const forget = () => db.generations.delete([generationId]);
    await tracing.ending(trace, async () => {
      if (message && isFinished(message))
        await announceStoredEnd({ log, news }, message, { retire: true, forget });
      else await forget();
    });
  }
}
