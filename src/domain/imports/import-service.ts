import type { ImportReport, ImportStarted } from '../../contract/imports.js';
import {
  AppError,
  isUnavailable,
  notFound,
  rateLimited,
  unavailable,
} from '../../entities/errors.js';
import { FileProblem, type ImportFile, type ImportFiles } from '../../ports/import-files.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { DomainEvents } from '../events.js';
import type { HeavyWork } from '../limits/heavy-work.js';
import type { Logger } from '../logger.js';
import { retryWhileUnavailable } from '../retry.js';
import { type Asker, holdRight } from '../rights/held-right.js';
import { ImportCount } from './import-count.js';
import { INTERRUPTED, importErrorOf } from './import-error.js';
import { ImportEnded, ImportRun } from './import-run.js';

export interface ImportServiceDeps {
  db: Database;
  files: ImportFiles;
  events: DomainEvents;
  /** Imports of a user, and of this node, at a time. */
  work: HeavyWork;
  findModel(name: string): string | null;
  now(): number;
  logger: Logger;
}

/** Interval at which counts are kept and told while an import runs. */
const TELL_EVERY_MS = 500;
const SWEEP_EVERY_MS = 15_000;
/** A running import says so at least this often, however long one conversation takes. */
const BEAT_EVERY_MS = 15_000;
/** An import that is silent for this long has lost its node. */
const SILENT_MS = 60_000;
const RETRY_AFTER_MS = 2_000;
const INTERNAL = { code: 'internal', message: 'Something went wrong on our side.' };

/** Imports go on after the response to their request. The conversations that they stored stay when they end early. */
export class ImportService {
  #deps: ImportServiceDeps;
  #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running = new Set<Promise<void>>();

  constructor(deps: ImportServiceDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS);
    void this.sweep();
  }

  /** Ends the imports of this node; their files can be imported again. Idempotent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort(unavailable(new Error('the node stops')));
    await Promise.all(this.#running);
  }

  /**
   * Resolves when the file is here; its contents are imported afterwards. `receive` gets the file if there is room, and
   * ends on its signal.
   * @throws AppError `rate_limited` while the user, or too many others, import; `unavailable` when the node stops
   */
  begin(
    asker: Asker,
    receive: (signal: AbortSignal) => Promise<ImportFile>,
  ): Promise<ImportStarted> {
    return new Promise((resolve, reject) => {
      const work = this.#begin(asker, receive, resolve)
        .catch(reject)
        .finally(() => this.#running.delete(work));
      this.#running.add(work);
    });
  }

  /** @throws AppError `not_found`, also for imports of others */
  async get(userId: number, id: number): Promise<ImportReport> {
    const report = await this.#deps.db.imports.find(id, userId);
    if (!report) throw notFound();
    return report;
  }

  /** Ends imports whose node has died. Never rejects. */
  async sweep(): Promise<void> {
    const { db, logger } = this.#deps;
    try {
      for (const { userId, ...report } of await db.imports.giveUp(SILENT_MS, INTERRUPTED)) {
        this.#tell(userId, report);
      }
    } catch (error) {
      logger.warn({ err: error }, 'imports not looked at, will try again');
    }
  }

  /** Announces the end after the place is free, so that the client may send its next file at once. */
  async #begin(
    asker: Asker,
    receive: (signal: AbortSignal) => Promise<ImportFile>,
    onBegun: (started: ImportStarted) => void,
  ): Promise<void> {
    const { id, ended } = await this.#deps.work.run(asker.userId, async () => {
      this.#stop.signal.throwIfAborted();
      const file = await receive(this.#stop.signal);
      try {
        const id = await this.#create(asker);
        onBegun({ id, status: 'running' });
        return { id, ended: await this.#import(id, asker, file) };
      } finally {
        await this.#close(file);
      }
    });
    if (ended) await this.#keepEnd(id, asker.userId, ended);
  }

  /** An upload takes long: the right is checked again at its end. */
  async #create(asker: Asker): Promise<number> {
    this.#stop.signal.throwIfAborted();
    const id = await this.#deps.db.transaction(async (tx) => {
      await holdRight(tx, asker, 'conversations:write');
      return tx.imports.create(asker.userId);
    });
    if (id === null) throw rateLimited(RETRY_AFTER_MS);
    return id;
  }

  /** The last counts; null if the import was ended by others. */
  async #import(id: number, asker: Asker, file: ImportFile): Promise<ImportCount | null> {
    const count = new ImportCount();
    const beat = setInterval(() => {
      this.#keep(id, asker.userId, count).catch((err: unknown) => this.#notKept(id, err));
    }, BEAT_EVERY_MS);
    const ended = await this.#run(id, asker, file, count).catch((error: unknown) => error);
    clearInterval(beat);
    if (ended instanceof ImportEnded) return null;
    if (ended === undefined && count.isForeign)
      count.end(importErrorOf(new FileProblem('unknown_format')));
    else count.end(ended === undefined ? null : this.#errorOf(ended));
    return count;
  }

  /** Nobody waits for the outcome any more. */
  async #close(file: ImportFile): Promise<void> {
    await file.close().catch((err: unknown) => {
      this.#deps.logger.warn({ err }, 'the file of an import is left behind');
    });
  }

  /** Keeps counts now and then, and tells them. */
  async #run(id: number, asker: Asker, file: ImportFile, count: ImportCount): Promise<void> {
    const run = new ImportRun(this.#deps, { id, asker, count }, this.#stop.signal);
    let toldAt = Number.NEGATIVE_INFINITY;
    for await (const found of this.#deps.files.read(file, this.#stop.signal)) {
      await run.take(found);
      this.#stop.signal.throwIfAborted();
      if (performance.now() - toldAt < TELL_EVERY_MS) continue;
      await this.#keep(id, asker.userId, count).catch((error: unknown) => {
        if (!isUnavailable(error)) throw error;
        this.#notKept(id, error);
      });
      toldAt = performance.now();
    }
  }

  /** The next counts include these. */
  #notKept(id: number, err: unknown): void {
    this.#deps.logger.debug({ err, import: id }, 'counts of an import not stored');
  }

  /** No counts follow the last. A node that stops tries once. Never rejects: the sweep ends what is not stored. */
  async #keepEnd(id: number, userId: number, count: ImportCount): Promise<void> {
    const keep = () => this.#keep(id, userId, count);
    const { signal } = this.#stop;
    try {
      if (signal.aborted) await keep();
      else await retryWhileUnavailable(keep, this.#deps.logger, signal);
    } catch (error) {
      this.#deps.logger.warn({ err: error, import: id }, 'end of an import not stored');
    }
  }

  async #keep(id: number, userId: number, { state }: ImportCount): Promise<void> {
    if (!(await this.#deps.db.imports.update(id, state))) throw new ImportEnded();
    this.#tell(userId, { id, ...state });
  }

  #tell(userId: number, report: ImportReport): void {
    this.#deps.events.emit('imported', userId, report);
  }

  #errorOf(error: unknown) {
    if (this.#stop.signal.aborted) return INTERRUPTED;
    const known = importErrorOf(error);
    const isExpected = known !== null && !(error instanceof AppError && error.code === 'internal');
    if (!isExpected) this.#deps.logger.error({ err: error }, 'import failed');
    return known ?? INTERNAL;
  }
}
