import type { RoomEvents } from './events.js';

/** Query of `GET /agent/messages/:id/stream`. The header `Last-Event-ID` counts before it. */
export interface StreamQuery {
  /** `<attempt>-<seq>`, the id of the last event that was received. */
  last_event_id?: string;
}

/** The server-sent events of an answer, with their data. */
export interface AnswerStreamEvents {
  /** The stored messages: first, and only if the call has asked. */
  message: { conversation_id: number; message_id: number };
  /** The text begins again with the next delta: forget what came before. */
  reset: { attempt: number };
  /** Text that follows what came before. Several deltas may come as one, with the `seq` of the last. */
  delta: RoomEvents['message:delta'];
  /** The end. Nothing follows. */
  completed: RoomEvents['message:completed'];
}
