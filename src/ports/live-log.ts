import type { Cursor, RoomEvent } from '../contract/events.js';
import type { Message } from '../contract/rest.js';
import type { Piece, Spoken } from '../contract/spoken.js';
import type { Subscription } from './subscription.js';

/** The answer that a log belongs to. */
export interface LogKey {
  conversationId: number;
  messageId: number;
}

export const logKeyOf = (answer: Pick<Message, 'conversation_id' | 'id'>): LogKey => ({
  conversationId: answer.conversation_id,
  messageId: answer.id,
});

/**
 * - `appended`: the log has it, perhaps since an earlier call with the same entry.
 * - `fenced`: a higher attempt writes this log, or another owner this attempt. Stop at once; nothing was delivered.
 * - `missing`: the log is gone or has a gap. Confirm the attempt in Postgres, then `rewrite`.
 * - `unreachable`: the shared log did not respond in time. Local readers got it; `rewrite` on recovery.
 */
export type AppendResult = 'appended' | 'fenced' | 'missing' | 'unreachable';

export type PublishResult = Extract<AppendResult, 'appended' | 'unreachable'>;

/** The text of a log beyond a cursor. With `fromSeq: 0` it is the whole text of `attempt`. */
export interface LogSlice {
  attempt: number;
  fromSeq: number;
  seq: number;
  text: string;
  /** Absent if there is none. */
  reasoning?: string;
}

export interface ConversationReader {
  /**
   * Takes an event of the conversation, in its order. Called synchronously, and must not throw. `payloadJson` is the
   * payload as another node encoded it, if it arrived that way: it can be passed on unchanged.
   */
  onEvent(event: RoomEvent, payloadJson?: string): void;
  /** Events may have been lost: read state again. */
  onResync(): void;
}

/**
 * The replayable deltas of running generations and the ordered fan-out of conversation events.
 *
 * Order: the readers of all nodes see a conversation's events in one order, which keeps the order of each node's
 * calls, and a log's deltas in order of `(attempt, seq)`. While nodes cannot hear each other, readers get the events
 * of their own node, and resynchronise afterwards. Calls that publish resolve when local readers have the event.
 *
 * Atomicity: an append and its publication are one step. Nobody sees a fenced append.
 *
 * Delivery: at most once per reader. A reader that may have missed something gets `onResync`.
 */
export interface LiveLog {
  /**
   * Marks `<attempt>-0`: from here on lower attempts are fenced, and so is the same attempt of another `owner`.
   * Earlier attempts stay readable through `longest`.
   */
  begin(key: LogKey, attempt: number, owner?: string): Promise<AppendResult>;
  /** Appends the delta `attempt, seq`, and publishes it as `message:delta`. `seq` counts from 1 without gaps. */
  append(key: LogKey, cursor: Cursor, delta: Piece): Promise<AppendResult>;
  /**
   * Replaces the log of `attempt` by `deltas` (seq from 1), and makes readers resynchronise. Refused if another
   * `owner` has this attempt.
   */
  rewrite(
    key: LogKey,
    attempt: number,
    deltas: readonly Piece[],
    owner?: string,
  ): Promise<AppendResult>;
  /**
   * The text beyond `cursor`. A cursor of another attempt gets the whole text; a cursor ahead of the log gets an
   * empty text and its own `seq`. Null: there is no log.
   */
  read(key: LogKey, cursor: Cursor): Promise<LogSlice | null>;
  /** The longest text of any attempt that is still held, with its reasoning; empty if there is none. */
  longest(key: LogKey): Promise<Spoken>;
  /** Keeps the log for late readers for some time, then deletes it. */
  retire(key: LogKey): Promise<void>;
  /**
   * Publishes an event that is not a delta to all readers of its conversation. Never rejects: a loss becomes a
   * resync. `unreachable`: this node's readers have it. Readers of other nodes resynchronise when this node is
   * connected again, but never if it ends before.
   */
  publish(conversationId: number, event: RoomEvent): Promise<PublishResult>;
  /**
   * Makes the readers of all nodes resynchronise: they lack something that is stored elsewhere. Never rejects. Those
   * that cannot be reached now resynchronise when this node is connected again.
   */
  resync(conversationId: number): Promise<void>;
  /**
   * Resynchronises local readers that missed the newest event, a loss that no later event shows. Call it every few
   * seconds for conversations that may change: an event counts as missed when two calls find it missing. Never
   * rejects.
   */
  verify(conversationIds: readonly number[]): Promise<void>;
  /** Called when `unreachable` entries may be written again. */
  onRecovered(listener: () => void): Subscription;
  /** Resolves when events published from now on will arrive. So subscribe first, and read state second. */
  subscribe(conversationId: number, reader: ConversationReader): Promise<Subscription>;
}
