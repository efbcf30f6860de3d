import type { QueueReport } from '../../contract/admin.js';
import type { Message } from '../../contract/rest.js';
import type { WebhookEvent } from '../../contract/webhooks.js';
import type { Claim, GenerationState, Outcome, QuotaUsage } from '../../entities/entities.js';
import type { QueueCounts } from '../metrics.js';

export interface ClaimLimits {
  nodeId: string;
  /** Free places on this node. */
  room: number;
  /** Running at once per user; Infinity: no limit. */
  perUser: number;
  /** Running at once on all nodes; no limit unless given. */
  total?: number;
  /** Starts no queued generation, except those that only have to be stopped. Expired leases may still be taken over. */
  paused?: boolean;
  /** Starts no queued generation of these models either, except those that only have to be stopped. */
  pausedModels?: readonly string[];
  leaseMs: number;
  /** Whether expired leases of others may be taken over: from now on, for a quarter of a lease. */
  takeOver: boolean;
}

export interface StopResult {
  conversationId: number;
  generationId: number;
  attempt: number;
  state: GenerationState;
}

/** An answer that is finished in Postgres but perhaps not announced, because its owner died in between. */
export interface Unannounced {
  generationId: number;
  /** Null: the answer was deleted meanwhile. */
  message: Message | null;
  /** The question's `traceparent`; null: it is not traced. */
  trace: string | null;
}

/** Position in line of a queued answer; see `positions`. */
export interface QueuePosition {
  messageId: number;
  position: number;
}

/** A branch by its end; without a message it ends with the active leaf. */
export interface Branch {
  conversationId: number | null;
  messageId?: number | undefined;
  /** The branch ends above the message. */
  above?: boolean;
}

/** The people whom the outbox tells of an end, besides members with webhooks for the event. */
export interface Telling {
  /** Null: nobody. */
  event: WebhookEvent | null;
  /** Whether the installation has a webhook. */
  installation: boolean;
}

/** Unfinished work: outbox, queue, order and fence in one table. Times are Postgres' clock. */
export interface GenerationRepository {
  /**
   * Unfinished generations of a user, the tokens used and reserved, whether a message with this `clientId` is stored,
   * and roughly the tokens of a branch. One statement, asked before every send. Null: no such user.
   */
  askFacts(
    userId: number,
    clientId: string | null,
    branch?: Branch,
  ): Promise<{
    pending: number;
    usage: QuotaUsage;
    repeated: boolean;
    branchTokens: number;
  } | null>;
  /**
   * Raises what a running answer has reserved to `tokens`, as far as its user's limits allow; exact under competition.
   * Resolves to what it has now. Null: the claim is no longer held.
   */
  reserveMore(claim: Claim, tokens: number): Promise<number | null>;
  /** Finds those of these answers that wait for the user, with the tokens that each holds. */
  heldBy(
    messageIds: readonly number[],
    userId: number,
  ): Promise<{ messageId: number; reserved: number }[]>;
  /** Replaces the tokens that a waiting answer holds. The transaction has locked the user and checked the limits. */
  holdInstead(messageId: number, tokens: number): Promise<void>;
  /**
   * Claims up to `limits.room` generations, lowest id first, one at a time per conversation, raising `attempt`
   * and setting the message `streaming`. Caps hold exactly under competition. Queued ones that only have to be stopped
   * come on top: neither room, cap, order nor pause holds them back.
   * `only` restricts it to one generation, whose user the transaction has locked.
   */
  claim(limits: ClaimLimits, only?: number): Promise<Claim[]>;
  /** Extends the leases still held, in one statement. Leases missing from the result are lost. */
  renew(
    nodeId: string,
    leaseMs: number,
    held: readonly Pick<Claim, 'generationId' | 'attempt' | 'claimId'>[],
  ): Promise<{ generationId: number; stopRequested: boolean }[]>;
  /**
   * Writes the outcome, counts its tokens, puts the notification into the outbox and marks the row `finished`, in one
   * statement, only for the running `attempt`. `told`: finished, and somebody is to be told. `already`: this outcome is
   * already stored, by an earlier call. `fenced`: another attempt owns the answer, or it is gone.
   */
  finish(
    claim: Claim,
    outcome: Outcome,
    /** Default: nobody is told. */
    telling?: Telling,
    /** The model server's own words, for administrators. */
    words?: string | null,
  ): Promise<'finished' | 'told' | 'already' | 'fenced'>;
  /** Whether the claim still belongs to its owner. */
  holds(claim: Claim): Promise<boolean>;
  /**
   * Gives a claim that is still held an attempt above `above`, after another claim began its attempt in the log.
   * May be repeated where the reply was lost. Null: it is no longer held.
   */
  raise(claim: Claim, above: number): Promise<Claim | null>;
  /** Gives a claim back to the queue. It counts as this many tries, by default none. */
  handBack(claim: Claim, tries?: 0 | 1): Promise<void>;
  /**
   * Requests a stop. A generation that nobody has claimed since it was asked for ends at once as `stopped`, with the text
   * that its message has. Null: no unfinished generation with that
   * message id.
   */
  requestStop(messageId: number, leaseMs: number): Promise<StopResult | null>;
  /** Deletes finished generations after their ends were announced. */
  delete(generationIds: readonly number[]): Promise<void>;
  /** Takes over finished rows whose lease has expired, for this node to announce and delete. */
  claimUnannounced(nodeId: string, leaseMs: number, limit: number): Promise<Unannounced[]>;
  /**
   * Finds the positions in line, from 1, of those of the answers that wait; one statement. A position is one more than
   * the number of waiting answers with a lower id that go before it: those of its conversation, those of its user, and
   * those of others that could run if a node were free (first of their conversation, user below `perUser`).
   */
  positions(messageIds: readonly number[], perUser: number): Promise<QueuePosition[]>;
  /** All answers that wait, for whatever reason. */
  waiting(): Promise<QueueCounts>;
  /** The same in more detail, for operators, with the answers that run. */
  report(): Promise<QueueReport>;
}
