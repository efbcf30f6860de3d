import { createHash } from 'node:crypto';
import { BEGINNING, type Cursor } from '../../contract/events.js';
import type { CompletionFailure } from '../../entities/completion-failure.js';
import { rateLimited, unavailable } from '../../entities/errors.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { StoredCompletion } from '../../ports/repositories/completion-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { AnswerFollower } from '../answers/follow.js';
import { type Asker, holdRight } from '../rights/held-right.js';
import { type Chunk, ChunkReader } from './chunks.js';
import { keyOf } from './completion-runner.js';
import type { CompletionScheduler } from './completion-scheduler.js';
import type { StoredCalls } from './stored-call.js';

export interface DurableCompletionsDeps {
  db: Database;
  calls: Pick<StoredCalls, 'open'>;
  scheduler: Pick<CompletionScheduler, 'isOpen' | 'claiming' | 'run'>;
  follower: AnswerFollower<StoredCompletion>;
  nodeId: string;
  leaseMs: number;
}

/** A call that outlives its request. */
export interface DurableRequest {
  /** Unique among the user's calls for as long as they are kept. */
  idempotencyKey: string;
  request: RawRequest;
  /** The request as JSON, for a node that takes the call over. */
  stored: string;
  /** Equal for requests that mean the same. */
  canonical: string;
  /** Called if the call begins on this node. The returned function is called when the call runs here no more. */
  hold(): () => void;
}

/** The completion has failed, and its key is free. */
export class CompletionFailed extends Error {
  override readonly name = 'CompletionFailed';
  readonly failure: CompletionFailure;

  constructor(failure: CompletionFailure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/** When a call that was refused may be repeated. */
const RETRY_AFTER_MS = 1_000;

/** Completions that go on without their caller and their node, and are found again by their key. */
export class DurableCompletions {
  readonly #deps: DurableCompletionsDeps;

  constructor(deps: DurableCompletionsDeps) {
    this.#deps = deps;
  }

  /**
   * Begins the call, or finds it. Resolves to its id.
   * @throws KeyReused; AppError `quota_exceeded`, `rate_limited` if the user has too many
   * that run, `unavailable` while this node drains, and as `holdRight` does
   */
  async begin(asker: Asker, asked: DurableRequest): Promise<number> {
    const { db, scheduler } = this.#deps;
    const digest = createHash('sha256').update(asked.canonical).digest('hex');
    const found = await db.completions.findByKey(asker.userId, asked.idempotencyKey);
    return same(found, digest) ?? scheduler.claiming(() => this.#begin(asker, asked, digest));
  }

  async #begin(asker: Asker, asked: DurableRequest, digest: string): Promise<number> {
    const { db, calls, scheduler, nodeId, leaseMs } = this.#deps;
    const { userId, trace = null } = asker;
    const { idempotencyKey, request, stored } = asked;
    const made = await db.transaction(async (tx) => {
      await holdRight(tx, asker, 'messages:send');
      const repeated = same(await tx.completions.findByKey(userId, idempotencyKey), digest);
      if (repeated !== null) return repeated;
      if (!scheduler.isOpen) throw unavailable(new Error('this node drains'), RETRY_AFTER_MS);
      const call = await calls.open(userId, request, tx);
      const { reservation } = call;
      const fresh = { userId, idempotencyKey, digest, request: stored, reservation, trace };
      const claim = await tx.completions.begin(fresh, nodeId, leaseMs);
      if (!claim) throw rateLimited(RETRY_AFTER_MS);
      return { claim, call };
    });
    if (typeof made === 'number') return made;
    scheduler.run(made.claim, made.call, asked.hold());
    return made.claim.id;
  }

  /**
   * Yields its chunks after `after`, from any node, to its end.
   * @throws Restarted, CompletionFailed, AppError `not_found` if its time is over, the signal's reason
   */
  async *follow(
    userId: number,
    id: number,
    after: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<Chunk, void> {
    const { follower } = this.#deps;
    const chunks = new ChunkReader(after);
    for await (const item of follower.follow(userId, keyOf(id).messageId, BEGINNING, signal)) {
      if (item.kind === 'delta') yield* chunks.read(item);
      else if (item.message.failure) throw new CompletionFailed(item.message.failure);
    }
  }
}

/** The key names another request. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}

/** @throws KeyReused */
function same(found: { id: number; digest: string } | null, digest: string): number | null {
  if (found && found.digest !== digest) throw new KeyReused();
  return found?.id ?? null;
}
