import type { LiveLog, LogKey } from '../ports/engine.js';
import type { Database } from '../ports/repositories.js';

interface LineDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
}

/** Tells the readers of an answer that it waits, and its place in the line; says nothing when it does not wait. */
export async function announceWaiting(
  { db, log }: LineDeps,
  { conversationId, messageId }: LogKey,
  attempt: number,
): Promise<void> {
  const position = await db.generations.position(messageId);
  if (position === null) return;
  await log.publish(conversationId, {
    name: 'message:status',
    payload: {
      conversation_id: conversationId,
      message_id: messageId,
      status: 'queued',
      attempt,
      position,
    },
  });
}
