import type { ClientPayload } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { MessageLog } from './message-log.js';

/** Asks for a branch: all of its newest page, or what follows the messages that are here. */
export function openRequest(
  conversation_id: number,
  log: MessageLog,
  lookingAt: number | null,
  whole: boolean,
): ClientPayload<'conversation:open'> {
  const { leafId } = log;
  const cursors = log.cursors();
  return {
    conversation_id,
    limit: LIMITS.messagePageDefault,
    ...(whole || leafId === null ? {} : { after_message_id: leafId }),
    ...(lookingAt === null ? {} : { leaf_message_id: lookingAt }),
    ...(cursors.length === 0 ? {} : { cursors }),
  };
}
