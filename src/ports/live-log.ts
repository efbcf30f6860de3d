import type { Cursor, RoomEvent } from '../contract/events.js';
import type { Subscription } from './subscription.js';

/** Which answer a log belongs to. */
export interface LogKey {
  conversationId: number;
  messageId: number;
}

/**
 * `appended`: the log has it (also when this very entry was there already).
 * `fenced`: a higher attempt writes this log, or another owner this attempt; stop at once, nothing was delivered.
 * `missing`: the log is gone or has a hole; confirm the attempt in Postgres, then `rewrite`.
 * `unreachable`: the shared log did not answer in time; local readers got it, `rewrite` on recovery.
 */
export type AppendResult = 'appended' | 'fenced' | 'missing' | 'unreachable';

export type PublishResult = Extract<AppendResult, 'appended' | 'unreachable'>;

/** What a log holds beyond a cursor; `fromSeq: 0` when it is the whole text of `attempt`. */
export interface LogSlice {
  attempt: number;
  fromSeq: number;
  seq: number;
  text: string;
}

export interface ConversationReader {
  /**
   * Events of one conversation, in its order; called synchronously and must not throw. `payloadJson` is what another
   * node made of the payload, where it came as that: to be passed on without being made again.
   */
  onEvent(event: RoomEvent, payloadJson?: string): void;
  /** Events may have been lost: read state again. */
  onResync(): void;
}

/**
 * The replayable deltas of running generations and the ordered fan-out of conversation events.
 *
 * Order: the readers of all nodes see a conversation's events in one order, in which those of one node stand in the order
 * of its calls, and a log's deltas in order of `(attempt, seq)`. While nodes cannot hear each other, readers get the
 * events of their own node, and resynchronise when it is over. Calls that publish resolve when local readers have it.
 * Atomicity: an append and its publication are one step; a fenced append is seen by nobody.
 * Delivery: at most once per reader; a reader that may have missed something gets `onResync`.
 */
export interface LiveLog {
  /**
   * Marks `<attempt>-0`: from here on lower attempts are fenced, and the same one of another `owner`. Earlier attempts
   * stay readable through `longest`.
   */
  begin(key: LogKey, attempt: number, owner?: string): Promise<AppendResult>;
  /** Appends the delta `attempt, seq` and publishes it as `message:delta`. `seq` counts from 1 without holes. */
  append(key: LogKey, cursor: Cursor, text: string): Promise<AppendResult>;
  /** Replaces the log of `attempt`, unless it is another `owner`'s, by `deltas` (seq 1 upward) and asks readers to resynchronise. */
  rewrite(
    key: LogKey,
    attempt: number,
    deltas: readonly string[],
    owner?: string,
  ): Promise<AppendResult>;
  /** What lies beyond `cursor`; a cursor of another attempt gets all, one ahead of the log empty text and its own `seq`. Null: no log. */
  read(key: LogKey, cursor: Cursor): Promise<LogSlice | null>;
  /** The longest text of any attempt still held; empty when none is. */
  longest(key: LogKey): Promise<string>;
  /** Keeps the log for late readers for a while, then forgets it. */
  retire(key: LogKey): Promise<void>;
  /**
   * Publishes an event that is not a delta to all readers of its conversation. Never rejects: loss becomes a resync.
   * `unreachable`: this node's readers have it, those of others are resynchronised when this node is back in touch,
   * so never if it ends before.
   */
  publish(conversationId: number, event: RoomEvent): Promise<PublishResult>;
  /**
   * Resynchronises readers here that lack something which was published and never came, although nothing came after it
   * that would show that. Meant to be called every few seconds for what may change: a message counts as missing when
   * two calls meet it. Never rejects.
   */
  verify(conversationIds: readonly number[]): Promise<void>;
  /** Called when what was `unreachable` may be written again. */
  onRecovered(listener: () => void): Subscription;
  /** Resolves when events published from now on are sure to arrive; so subscribe first, read state second. */
  subscribe(conversationId: number, reader: ConversationReader): Promise<Subscription>;
}
