import type { ErrorCode } from '../contract/errors.js';
import type { ClientEventName } from '../contract/events.js';
import type { FinalStatus, Usage } from '../contract/rest.js';
import type { TokenCounts } from './completion-provider.js';

/** Limits that refuse something: rates by name, then the others. */
export const LIMIT_NAMES = [
  'register',
  'login',
  'account',
  'confirm',
  'refresh',
  'request',
  'handshake',
  'message',
  'export',
  'import',
  'invite',
  'key',
  'webhook',
  'model-test',
  'event',
  'pending',
  'quota',
  'guesses',
  'packets',
  'flood',
  'streams',
  'completions',
  'user_connections',
  'address',
] as const;

export const COMPLETION_STATUSES = ['completed', 'failed', 'cancelled'] as const;

export type CompletionStatus = (typeof COMPLETION_STATUSES)[number];

/** The results of a request for missing text. `anew`: the whole text, not what follows the device's cursor. */
export const RESUME_OUTCOMES = ['nothing', 'rest', 'anew'] as const;

/**
 * The result of a delivery. `failed`: it is tried again. `gone`: the receiver wants nothing more. `given_up`: it failed
 * for a day. `dropped`: too many waited, or nobody may be told any more.
 */
export const WEBHOOK_RESULTS = ['delivered', 'failed', 'gone', 'given_up', 'dropped'] as const;

export type LimitName = (typeof LIMIT_NAMES)[number];

/**
 * Business events for measurements, one method each. Calls are cheap, return at once and never throw. The node where
 * an event happened makes one call. Calls carry no text, name or id of a person.
 */
export interface Telemetry {
  /**
   * A question is stored with its answer. `begun`: the answer began on this node at once; otherwise it waits for a
   * place.
   */
  questionStored(event: { conversation: 'created' | 'appended'; begun: boolean }): void;
  /** This node begins an attempt. `waited`: the answer did not begin within its send. */
  attemptClaimed(event: { attempt: number; waited: boolean }): void;
  /** The attempt took over another claim, whose lease had expired. Comes with its `attemptClaimed`. */
  attemptTakenOver(event: { attempt: number }): void;
  /** The first text of an attempt, and the ms since it began. */
  firstText(event: { attempt: number; ms: number }): void;
  /** An attempt goes back to the queue: its node drains, or its model is paused. */
  attemptHandedBack(event: { attempt: number; ms: number }): void;
  /** Another claim owns the answer now. */
  attemptLost(event: { attempt: number; ms: number }): void;
  /** The end is stored. `ms`: duration of the last attempt. Attempt 0: the answer was stopped before it had one. */
  answerEnded(event: {
    status: FinalStatus;
    attempt: number;
    ms: number;
    usage: Usage | null;
  }): void;
  /**
   * A completion for a program ended here. `cancelled`: by its client, its right or its node. `usage`: its charge;
   * null: nothing.
   */
  completionEnded(event: { status: CompletionStatus; usage: TokenCounts | null }): void;
  /** The model server refused a request because of its rate. */
  modelRefused(event: { scope: 'account' | 'model'; retryAfterMs: number }): void;
  /** A device requested missing text. */
  answerResumed(event: { outcome: (typeof RESUME_OUTCOMES)[number] }): void;
  /** Readers on this node may have missed events of a conversation, and resynchronise. */
  gapFound(): void;
  /** `closed`: the socket had not caught up in time. */
  slowReader(event: { outcome: 'held_back' | 'caught_up' | 'closed' }): void;
  /** A webhook was told, or not. */
  webhook(event: { result: (typeof WEBHOOK_RESULTS)[number] }): void;
  /** A limit refused something. */
  limited(event: { limit: LimitName }): void;
  /** A socket was accepted or refused. */
  handshake(event: { result: 'accepted' | ErrorCode }): void;
  /** A client event was handled, in `ms`. */
  eventHandled(event: {
    event: ClientEventName | 'unknown';
    result: 'ok' | ErrorCode;
    ms: number;
  }): void;
  /** A message of this node to itself took `ms` through the channels of conversations. Every second. */
  relayed(event: { ms: number }): void;
  /** Redis replied to a command after `ms`. */
  redisReplied(event: { ms: number }): void;
  /** Postgres replied to a statement after `ms`. */
  postgresReplied(event: { ms: number }): void;
}

const ignore = (): void => {};

export const noTelemetry: Telemetry = {
  questionStored: ignore,
  attemptClaimed: ignore,
  attemptTakenOver: ignore,
  firstText: ignore,
  attemptHandedBack: ignore,
  attemptLost: ignore,
  answerEnded: ignore,
  completionEnded: ignore,
  modelRefused: ignore,
  answerResumed: ignore,
  gapFound: ignore,
  slowReader: ignore,
  webhook: ignore,
  limited: ignore,
  handshake: ignore,
  eventHandled: ignore,
  relayed: ignore,
  redisReplied: ignore,
  postgresReplied: ignore,
};
