import type { ErrorCode } from '../contract/errors.js';
import type { Cursor, RoomEvent } from '../contract/events.js';

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

export interface Subscription {
  /** Idempotent. */
  close(): void;
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

/**
 * Which users have a conversation open, on all nodes together.
 *
 * Order: readers end with the newest set; while changes cross each other they may see an older one in between.
 * Delivery: a change reaches the readers of the live log, on nodes where a user is present, as `presence:changed`; who is
 * alone is told nothing. A change that was missed is made up for within a third of the TTL.
 * Lifetime: the users of a node that died are gone within the TTL. What the store has lost comes back by itself.
 * Outage: while the store is away, the users of this node count alone.
 */
export interface Presence {
  /** Present on this node until `leave`; idempotent. Resolves when `present` knows the other nodes' users too, or the store did not answer in time. Never rejects. */
  enter(conversationId: number, userId: number): Promise<void>;
  /** Idempotent. Resolves when other nodes may know; never rejects. */
  leave(conversationId: number, userId: number): Promise<void>;
  /** Ascending and each once, as the readers here were last told. Ask where a user is present: others need not know. */
  present(conversationId: number): readonly number[];
}

/** Short notices between nodes. At most once: whoever relies on one also polls. */
export type NodeNotice =
  | { type: 'work' }
  | { type: 'stop'; generationId: number }
  | { type: 'session_ended'; sessionIds: string[]; code: ErrorCode }
  | { type: 'session_extended'; sessionId: string; expiresAt: number }
  /** Roles or names of these users changed; null: perhaps of all. */
  | { type: 'users_changed'; userIds: number[] | null }
  /** What is stored has gone back in time; the sender works on this history. */
  | { type: 'history'; mark: { number: number; id: string } };

export interface NodeNotices {
  /** Reaches every node, this one included. Never rejects. */
  send(notice: NodeNotice): Promise<void>;
  onNotice(listener: (notice: NodeNotice) => void): Subscription;
}

export interface RateRule {
  /** Names the budget; keys of different rules never meet. */
  name: string;
  points: number;
  windowMs: number;
}

export interface RateLimiter {
  /** Takes `cost` (default 1) from the budget of `key`. Resolves to 0, or to the ms to wait when it is used up. Never rejects. */
  consume(rule: RateRule, key: string, cost?: number): Promise<number>;
}

export interface DelayRule {
  /** Names what is counted; keys of different rules never meet. */
  name: string;
  /** So many failures cost no wait but the last. */
  free: number;
  /** After failure number `free`; each further one doubles it. */
  firstMs: number;
  mostMs: number;
  /** Without a failure for this long, all are forgotten; above `mostMs`. */
  forgetMs: number;
}

/**
 * Failures of a key, on all nodes together, and how long they keep it waiting. Counting is atomic; without the
 * shared store each node counts for itself. Keys are bounded: in memory the oldest are forgotten, in a store they expire.
 */
export interface FailureDelays {
  /** Ms until `key` may try again; 0: now. Takes nothing. Never rejects. */
  waitMs(rule: DelayRule, key: string): Promise<number>;
  /** Counts a failure and resolves to the ms that `key` has to wait from now on. Never rejects. */
  fail(rule: DelayRule, key: string): Promise<number>;
  /** Begins anew. Never rejects. */
  forget(rule: DelayRule, key: string): Promise<void>;
}

/** What the model server grants to all nodes together; 0: no limit. */
export interface PaceLimits {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** The right to send one request to the model server from its beginning on. One that is not used is lost. */
export interface PaceSlot {
  /** Until it begins; 0: now. Ask again after a wait, since a pause may have moved it meanwhile. Never rejects. */
  remainingMs(): Promise<number>;
  /** Counts what the request really used in place of what was reserved. Call it at most once. Never rejects. */
  settle(usedTokens: number): Promise<void>;
}

export interface PaceReservation {
  /** Null: it would begin later than was asked for, and nothing was taken. */
  slot: PaceSlot | null;
  /** Until the slot begins, or would have begun; the least, where a pause holds its model back. */
  waitMs: number;
}

/**
 * How fast the nodes together may call the model server: one line for all models, in which every request has its slot.
 *
 * Order: slots begin in the order of the calls; those that a pause held back begin spread over `PACE_SPREAD_MS` after it.
 * Rate: a tenth of a minute's budget may go at once, the rest evenly, so that slots of no 60 seconds exceed
 * `requestsPerMinute`, nor `tokensPerMinute` unless one request alone needs more than that tenth.
 * Pauses: one of a model holds back that model alone, whose requests keep their order and take nothing from the line
 * before it is over. One of all models moves the line.
 * Without the shared store each node keeps a line of its own.
 */
export interface ModelPace {
  /** Takes the next slot, if it begins within `mostWaitMs`. `tokens` is an estimate. Never rejects. */
  reserve(
    model: string,
    limits: PaceLimits,
    tokens: number,
    mostWaitMs: number,
  ): Promise<PaceReservation>;
  /**
   * The model server wants no request for this model, or with null for any, for this long: no such slot of any node
   * begins before. Cut to `LONGEST_PAUSE_MS`; only ever extends. Never rejects.
   */
  pause(model: string | null, ms: number): Promise<void>;
  /** How long each of the models that are paused by themselves still is, in ms. Never rejects. */
  pauses(): Promise<ReadonlyMap<string, number>>;
  /**
   * How long a small request would wait now, a pause of all models included; with a model, its own too. Takes nothing,
   * so it may be asked before each claim. Never rejects.
   */
  waitMs(limits: PaceLimits, model?: string): Promise<number>;
}

/** A server that asks for more is asked again after this. */
export const LONGEST_PAUSE_MS = 60_000;
export const PACE_SPREAD_MS = 2_000;

export interface EngineHealth {
  /** `degraded`: nodes cannot hear each other but this one serves. `failed`: this node is deaf while others hear. */
  check(): Promise<'ok' | 'degraded' | 'failed'>;
}

/** Where the nodes of one engine meet. */
export interface Meeting {
  /** Equal for nodes that hear each other, and for no others. */
  hub: string;
  /** Nodes with another place of the data use the same store under the same name. */
  isTaken: boolean;
}

/** All that nodes share live. Chosen once: `memory` or `redis`. */
export interface Engine {
  readonly kind: 'memory' | 'redis';
  log: LiveLog;
  presence: Presence;
  notices: NodeNotices;
  limiter: RateLimiter;
  delays: FailureDelays;
  pace: ModelPace;
  health: EngineHealth;
  /** Call it with every heartbeat. `place`: where the data are, see `Deployment`. Rejects when the shared store is away. */
  meet(place: string): Promise<Meeting>;
  /** Connects; rejects with a clear message when the shared store cannot be reached. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
