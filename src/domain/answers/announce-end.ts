import type { Cursor } from '../../contract/events.js';
import type { FinishedMessage, Outcome } from '../../entities/entities.js';
import { type LiveLog, type LogKey, logKeyOf } from '../../ports/live-log.js';
import { reaches } from './answer-log.js';
import type { AnswerNews } from './answer-news.js';
import { completedEvent, outcomeOfMessage } from './outcome.js';

/** Steps of an announcer beside the announcement; the table below gives the reasons. */
export interface EndRights {
  /**
   * Whether the shared log has the whole text. Readers of a log that lacks some of it are made to read what is stored.
   */
  isWhole: boolean;
  retire: boolean;
  /** Deletes the generation, which is the order to announce its end. */
  forget: (() => Promise<void>) | null;
}

/** The receivers: readers by the log, and the lists of the members. */
export interface EndNews {
  log: Pick<LiveLog, 'publish' | 'read' | 'resync' | 'retire'>;
  news: Pick<AnswerNews, 'tell'>;
}

/**
 * Announces to all readers that an answer has ended, as stored in Postgres. The order is fixed: the event, the log,
 * the generation. If a node dies in between, the generation remains, and with it the order to announce the end again,
 * which does no harm. The same holds for an event that has not reached the other nodes.
 *
 * | announcer | retire | forget | why |
 * | --- | --- | --- | --- |
 * | the owner, after `finish` | yes | yes, waits for Postgres | it alone wrote the log, and has finished writing |
 * | a node that found the end unannounced | yes | yes | the owner's lease has expired, and `finish` has fenced it |
 * | a stop of an answer that nobody has claimed | no | yes | logs of earlier attempts are left to their owners, and there is no owner to forget the generation |
 * | a stop whose owner stays silent | no | no | the owner may be alive but cut off: it still does both, or its lease expires |
 */
export async function announceEnd(
  { log, news }: EndNews,
  key: LogKey,
  outcome: Outcome,
  { isWhole, retire, forget }: EndRights,
): Promise<void> {
  const told = await log.publish(key.conversationId, completedEvent(key, outcome));
  if (!isWhole) await log.resync(key.conversationId);
  if (retire) await log.retire(key);
  if (told === 'appended') await forget?.();
  await news.tell(key.conversationId);
}

/** The same for an end that was read from Postgres. */
export async function announceStoredEnd(
  to: EndNews,
  message: FinishedMessage,
  rights: Omit<EndRights, 'isWhole'>,
): Promise<void> {
  const key = logKeyOf(message);
  const outcome = outcomeOfMessage(message);
  const isWhole = await hasAll(to.log, key, outcome.cursor);
  await announceEnd(to, key, outcome, { isWhole, ...rights });
}

/** Whether the log goes up to the last delta. */
async function hasAll(log: Pick<LiveLog, 'read'>, key: LogKey, last: Cursor): Promise<boolean> {
  if (last.seq === 0) return true;
  return reaches(await log.read(key, { ...last, seq: last.seq - 1 }), last);
}
