import type { FinishedMessage, Outcome } from '../../model/entities.js';
import type { LiveLog, LogKey } from '../../ports/live-log.js';
import { completedEvent, outcomeOfMessage } from './outcome.js';

/** What whoever announces an end may do besides; the table below gives the reasons. */
export interface EndRights {
  retire: boolean;
  /** Deletes the generation, which is the order to announce its end. */
  forget: (() => Promise<void>) | null;
}

/**
 * Tells all readers that an answer has ended, as Postgres has it. In this order: the event, the log, the generation. A node
 * that dies between them leaves the generation, and with it the order to announce the end again, which does no harm. So
 * does an event that has not reached the other nodes.
 *
 * | who announces | retire | forget | why |
 * | --- | --- | --- | --- |
 * | the owner, after `finish` | yes | yes, waits for Postgres | it alone wrote the log, and writes no more |
 * | a node that found the end unannounced | yes | yes | the lease of the owner has run out, and `finish` has fenced it |
 * | a stop of an answer that never ran | no | yes | without an attempt there is no log, and no owner who would forget it |
 * | a stop whose owner stays silent | no | no | the owner may be cut off and alive: it still does both, or its lease runs out |
 */
export async function announceEnd(
  log: Pick<LiveLog, 'publish' | 'retire'>,
  key: LogKey,
  outcome: Outcome,
  { retire, forget }: EndRights,
): Promise<void> {
  const told = await log.publish(key.conversationId, completedEvent(key, outcome));
  if (retire) await log.retire(key);
  if (told === 'appended') await forget?.();
}

/** The same for an end that is read from Postgres. */
export const announceStoredEnd = (
  log: Pick<LiveLog, 'publish' | 'retire'>,
  message: FinishedMessage,
  rights: EndRights,
): Promise<void> =>
  announceEnd(
    log,
    { conversationId: message.conversation_id, messageId: message.id },
    outcomeOfMessage(message),
    rights,
  );
