import type { CompletionFailure } from '../../entities/completion-failure.js';
import type { Charge, CompletionClaim, FollowedAnswer } from '../../entities/entities.js';

/** A completion that a program asks for. */
export interface NewCompletion {
  userId: number;
  /** Unique among the user's completions that run or are kept. */
  idempotencyKey: string;
  /** SHA-256 of the request, in lower-case hex. */
  digest: string;
  /** The facts that its runner needs, as JSON. */
  request: string;
  /** The id of what it holds of the quota; see `UsageRepository.reserve`. */
  reservation: number;
  /** The call's `traceparent`. */
  trace?: string | null;
}

/** How a completion ended. */
export interface CompletionOutcome {
  /** Number of the last delta. */
  seq: number;
  content: string;
  /** SHA-256 of the content in UTF-8, in lower-case hex. */
  sha256: string;
  /** Null: it completed. */
  error: CompletionFailure | null;
  /** The usage; null: nothing. */
  charge: Charge | null;
}

/** A completion for its reader. It is followed like an answer: its key is its id with a minus sign. */
export interface StoredCompletion extends FollowedAnswer {
  failure: CompletionFailure | null;
}

/** The claim of a completion that another node has left, and the size of its request. */
export interface TakenCompletion extends CompletionClaim {
  bytes: number;
}

/** Completions that outlive their request: order, fence and result in one table. Times are Postgres' clock. */
export interface CompletionRepository {
  /** The completion that this key names, unless its time is over. */
  findByKey(userId: number, idempotencyKey: string): Promise<{ id: number; digest: string } | null>;
  /**
   * Stores a completion, claimed by this node. Null: the user has `LIMITS.durableCompletions` that run. Needs a
   * transaction that has locked the user and did not find the key.
   */
  begin(
    completion: NewCompletion,
    nodeId: string,
    leaseMs: number,
  ): Promise<CompletionClaim | null>;
  /** Null: the user has none with this id, or its time is over. */
  find(id: number, userId: number): Promise<StoredCompletion | null>;
  /** The request, as given to `begin`. Null: the claim is no longer held. */
  request(claim: CompletionClaim): Promise<string | null>;
  /** Extends the leases still held, and the reservations of their calls. Resolves to their ids. */
  renew(nodeId: string, leaseMs: number, held: readonly CompletionClaim[]): Promise<number[]>;
  /**
   * Claims completions whose lease has expired, oldest first, each with its next attempt, until `rows` are claimed or
   * their requests have `bytes` together. The last one may exceed them.
   * @throws AppError `unavailable` if Postgres took so long that living owners may have lost their leases
   */
  takeOver(
    nodeId: string,
    leaseMs: number,
    room: { rows: number; bytes: number },
  ): Promise<TakenCompletion[]>;
  /** Whether the claim still belongs to its owner. */
  holds(claim: CompletionClaim): Promise<boolean>;
  /**
   * Gives a claim that is still held an attempt above `above`. May be repeated where the reply was lost. Null: it is no
   * longer held.
   */
  raise(claim: CompletionClaim, above: number): Promise<CompletionClaim | null>;
  /**
   * Stores the end and counts the usage, once, only for the claim that holds it. `already`: by an earlier call.
   * `fenced`: another attempt owns it, or it is gone.
   */
  finish(
    claim: CompletionClaim,
    outcome: CompletionOutcome,
  ): Promise<'finished' | 'already' | 'fenced'>;
  /** Lets other nodes take the completion at once, which does not count as a try. */
  handBack(claim: CompletionClaim): Promise<void>;
  /** Deletes at most `rows` whose time is over. Returns their number. */
  prune(rows: number): Promise<number>;
}
