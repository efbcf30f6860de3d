import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { unavailable } from '../../entities/errors.js';
import type { FoundValue } from '../../ports/import-files.js';
import type { ImportIdentity } from '../../ports/repositories/import-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Logger } from '../logger.js';
import { retryWhileUnavailable } from '../retry.js';
import { type Asker, holdRight } from '../rights/held-right.js';
import { detectedOr } from './detect.js';
import type { Draft } from './draft.js';
import { finish } from './finish.js';
import type { ImportCount } from './import-count.js';

/** Another node has given the import up, or its user is gone. */
export class ImportEnded extends Error {
  override readonly name = 'ImportEnded';
}

export interface ImportRunDeps {
  db: Database;
  /** The model of this name that conversations here may use; null: none. */
  findModel(name: string): string | null;
  /** Ms since the epoch. */
  now(): number;
  logger: Logger;
}

/**
 * No try of a step begins after this time. A store that timed out after longer has held its user's row meanwhile, and
 * would do so again.
 */
const PATIENCE_MS = 15_000;

/** Imports the values of one file, each in a transaction of its own. */
export class ImportRun {
  #deps: ImportRunDeps;
  #id: number;
  #asker: Asker;
  #count: ImportCount;
  #stop: AbortSignal;

  constructor(
    deps: ImportRunDeps,
    { id, asker, count }: { id: number; asker: Asker; count: ImportCount },
    stop: AbortSignal,
  ) {
    this.#deps = deps;
    this.#id = id;
    this.#asker = asker;
    this.#count = count;
    this.#stop = stop;
  }

  /** @throws ImportEnded, AppError when the asker may not write any more */
  async take({ value, head, problem, title }: FoundValue): Promise<void> {
    this.#count.found();
    if (problem !== null) {
      this.#count.skipped(title, problem);
      return;
    }
    const found = detectedOr(value, head);
    // Other work gets its turn, because a conversation may be large.
    await nextTurn();
    if (typeof found === 'string') this.#count.unknown(found);
    else if (await this.#patiently(() => this.#isKnown(found))) this.#count.duplicate();
    else await this.#store(found);
  }

  #isKnown(draft: Draft): Promise<boolean> {
    const { db } = this.#deps;
    return db.imports.isKnown(this.#asker.userId, identityOf(draft));
  }

  async #store(draft: Draft): Promise<void> {
    const finished = finish(draft, this.#deps.now());
    await nextTurn();
    if (typeof finished === 'string') {
      this.#count.skipped(draft.title, finished);
      return;
    }
    const { conversation, notes } = finished;
    const { model } = conversation;
    const offered = model === null ? null : this.#deps.findModel(model);
    const stored = { ...conversation, model: offered, key: identityOf(draft).key };
    let isRepeated = false;
    const isStored = await this.#patiently(async () => {
      // The reply to an earlier COMMIT may have been lost.
      if (isRepeated && (await this.#isKnown(draft))) return true;
      isRepeated = true;
      return this.#deps.db.transaction(async (tx) => {
        await holdRight(tx, this.#asker, 'conversations:write');
        return tx.imports.store(this.#id, this.#asker.userId, stored);
      });
    });
    if (!isStored) throw new ImportEnded();
    this.#count.imported(conversation.title, notes);
  }

  /** Repeats `work` while the database is away. @throws AppError `unavailable` when that takes too long */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const signal = AbortSignal.any([this.#stop, patience]);
    try {
      return await retryWhileUnavailable(work, this.#deps.logger, signal);
    } catch (error) {
      throw patience.aborted && error === patience.reason ? unavailable(error) : error;
    }
  }
}

/** Ms since the epoch that both a `Date` and Postgres can hold. */
const isTime = (ms: number | null): ms is number => ms !== null && ms >= 0 && ms <= 8.64e15;

/** A conversation without an id is identified by its texts. */
function identityOf(draft: Draft): ImportIdentity {
  const { source, id, ownId, createdAt } = draft;
  const hash = createHash('sha256').update(`${source}\n${id ?? ''}`);
  if (id === null) {
    for (const { parent, role, text } of draft.nodes)
      hash.update(JSON.stringify([parent, role, text]));
  }
  const isOwn = ownId !== null && Number.isSafeInteger(ownId) && isTime(createdAt);
  return {
    key: hash.digest('base64url'),
    own: isOwn ? { id: ownId, createdAt: new Date(createdAt) } : null,
  };
}
