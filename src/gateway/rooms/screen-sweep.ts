import type { Logger } from '../../domain/logger.js';
import type { ListChange, ScreenRepository } from '../../ports/screen-repository.js';
import type { ShownRooms } from './shown-rooms.js';
import { REMEMBERED_MS, type ToldLists } from './told-lists.js';

export interface ScreenSweepDeps {
  screens: ScreenRepository;
  shown: ShownRooms;
  told: ToldLists;
  /** Users with sockets on this node. */
  users(): number[];
  /** Has the engine look whether something came between these conversations and their readers here. */
  verify(conversationIds: readonly number[]): Promise<void>;
  resyncRoom(conversationId: number): void;
  /** Resynchronises those sockets of a user that were there so long ago; false: there are none. */
  resyncUser(userId: number, agoMs: number): boolean;
  logger: Logger;
}

const LOOK_EVERY_MS = 2_000;
/** Answers that one statement asks for. */
const BATCH = 1_000;
/** Changes that one look takes. */
const CHANGES = 10_000;
/** A change shows up this much later than it was stamped, at most: a transaction takes its time. */
const OVERLAP_MS = 12_000;

const changeKey = ({ userId, conversationId }: ListChange) => `${userId} ${conversationId}`;

/**
 * Compares what sockets on this node were told with what Postgres has, and resynchronises those that lack something. An
 * announcement can be lost; what is stored is not. Two looks must find the same thing missing: it may be on its way.
 */
export class ScreenSweep {
  #deps: ScreenSweepDeps;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #lookedAt = performance.now();
  /** Versions that sockets lacked at the last look, and messages that rooms did. */
  #lists = new Map<string, number | null>();
  #rooms = new Map<number, number>();
  #trees = new Map<number, number>();

  constructor(deps: ScreenSweepDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#lookOnce(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #lookOnce(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.look();
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'screens not compared, will try again');
    } finally {
      this.#looking = false;
    }
  }

  /** @throws AppError `unavailable` */
  async look(): Promise<void> {
    const running = this.#deps.shown.running();
    await this.#deps.verify([...new Set(running.values())]);
    await this.#lookAtAnswers(running);
    await this.#lookAtLists(this.#deps.users());
  }

  async #lookAtAnswers(running: ReadonlyMap<number, number>): Promise<void> {
    const { screens, shown } = this.#deps;
    const ids = [...running.keys()];
    const states = [];
    for (let i = 0; i < ids.length; i += BATCH) {
      states.push(...(await screens.answers(ids.slice(i, i + BATCH))));
    }
    for (const id of shown.lost(running, states)) this.#resyncRoom(id);
  }

  async #lookAtLists(users: readonly number[]): Promise<void> {
    const now = performance.now();
    const sinceLook = now - this.#lookedAt;
    const within = Math.round(Math.min(sinceLook + OVERLAP_MS, REMEMBERED_MS));
    const changes =
      users.length === 0 ? [] : await this.#deps.screens.listChanges(within, users, CHANGES);
    this.#lookedAt = now;
    this.#compareRooms(changes);
    this.#compareLists(changes, performance.now() - now);
  }

  #compareRooms(changes: readonly ListChange[]): void {
    const suspects = new Map<number, number>();
    const changed = new Map<number, number>();
    for (const { conversationId, newestId, tree, treeAgeMs } of changes) {
      const { shown } = this.#deps;
      const shownId = shown.newestId(conversationId);
      if (tree !== null && treeAgeMs !== null && shown.lacks(conversationId, tree, treeAgeMs)) {
        if ((this.#trees.get(conversationId) ?? tree + 1) <= tree) this.#resyncRoom(conversationId);
        else changed.set(conversationId, tree);
      }
      if (shownId === null || newestId === null || newestId <= shownId) continue;
      if (shownId < (this.#rooms.get(conversationId) ?? 0)) this.#resyncRoom(conversationId);
      else suspects.set(conversationId, newestId);
    }
    this.#rooms = suspects;
    this.#trees = changed;
  }

  /** `tookMs`: since the ages were true. */
  #compareLists(changes: readonly ListChange[], tookMs: number): void {
    const { told } = this.#deps;
    const suspects = new Map<string, number | null>();
    const lost = new Map<number, number>();
    for (const change of changes) {
      if (told.has(change)) continue;
      const before = this.#lists.get(changeKey(change));
      if (before !== undefined && !told.has({ ...change, version: before })) {
        told.settle(change);
        lost.set(change.userId, Math.min(change.ageMs, lost.get(change.userId) ?? change.ageMs));
      } else {
        suspects.set(changeKey(change), change.version);
      }
    }
    this.#lists = suspects;
    for (const [userId, ageMs] of lost) this.#resyncUser(userId, ageMs + tookMs);
  }

  #resyncRoom(conversationId: number): void {
    this.#deps.logger.info({ conversationId }, 'a room lacked what is stored, resynchronised');
    this.#deps.resyncRoom(conversationId);
  }

  #resyncUser(userId: number, agoMs: number): void {
    if (!this.#deps.resyncUser(userId, agoMs)) return;
    this.#deps.logger.info({ userId }, 'a list lacked what is stored, resynchronised');
  }
}
