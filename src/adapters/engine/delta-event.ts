import type { Cursor, RoomEvent } from '../../contract/events.js';
import type { Piece } from '../../contract/spoken.js';
import type { LogKey } from '../../ports/live-log.js';

/** Every engine publishes deltas in this form. Without reasoning, the event has no such key. */
export function deltaEvent(key: LogKey, { attempt, seq }: Cursor, delta: Piece): RoomEvent {
  const { conversationId: conversation_id, messageId: message_id } = key;
  const payload =
    typeof delta === 'string'
      ? { conversation_id, message_id, attempt, seq, text: delta }
      : { conversation_id, message_id, attempt, seq, text: delta.text, reasoning: delta.reasoning };
  return { name: 'message:delta', payload };
}
