import type { ErrorCode } from '../contract/errors.js';
import type { ClientEventName } from '../contract/events.js';
import type { FinalStatus, Usage } from '../contract/rest.js';

/**
 * What happened, for whoever measures: one method for each event of the business. Calls are cheap, return at once and never
 * throw. Each is made once, by the node where it happened. They carry no text, no name and no id of a person.
 */
export interface Telemetry {
  /** A question is stored with its answer. `begun`: the answer began here and now, else it waits for a place. */
  questionStored(event: { conversation: 'created' | 'appended'; begun: boolean }): void;
  /** This node begins an attempt. `waited`: the answer was not begun within its send. */
  attemptClaimed(event: { attempt: number; waited: boolean }): void;
  /** The attempt before was another claim's, whose lease had run out. Comes with its `attemptClaimed`. */
  attemptTakenOver(event: { attempt: number }): void;
  /** The first text of an attempt, so long after it was begun. */
  firstText(event: { attempt: number; ms: number }): void;
  /** An attempt goes back to the queue: its node leaves, or its model is paused. */
  attemptHandedBack(event: { attempt: number; ms: number }): void;
  /** Another claim has the answer now. */
  attemptLost(event: { attempt: number; ms: number }): void;
  /** The end is stored. `ms`: of the last attempt. Attempt 0: it was stopped before it had any. */
  answerEnded(event: {
    status: FinalStatus;
    attempt: number;
    ms: number;
    usage: Usage | null;
  }): void;
  /** The model server refused a request for being too many. */
  modelRefused(event: { scope: 'account' | 'model'; retryAfterMs: number }): void;
  /** A device asked for what it lacks. `anew`: it gets all, and not what follows its cursor. */
  answerResumed(event: { outcome: 'nothing' | 'rest' | 'anew' }): void;
  /** Readers on this node may have missed events of a conversation, and were told to read again. */
  gapFound(): void;
  /** `closed`: it had not caught up in time. */
  slowReader(event: { outcome: 'held_back' | 'caught_up' | 'closed' }): void;
  /**
   * Something was refused for being too much. `limit`: a `RateName`, or `pending`, `quota`, `guesses`, `packets`, `flood`,
   * `user_connections`, `address`.
   */
  limited(event: { limit: string }): void;
  handshake(event: { result: 'accepted' | ErrorCode }): void;
  eventHandled(event: {
    event: ClientEventName | 'unknown';
    result: 'ok' | ErrorCode;
    ms: number;
  }): void;
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
  modelRefused: ignore,
  answerResumed: ignore,
  gapFound: ignore,
  slowReader: ignore,
  limited: ignore,
  handshake: ignore,
  eventHandled: ignore,
};
