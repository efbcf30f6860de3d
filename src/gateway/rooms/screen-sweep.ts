import type { Logger } from '../../domain/logger.js';
import type { ListChange, ScreenRepository } from '../../ports/repositories/screen-repository.js';
import type { ShownRooms } from './shown-rooms.js';
import { REMEMBERED_MS, type ToldLists } from './told-lists.js';

export interface ScreenSweepDeps {
  screens: ScreenRepository;
  shown: ShownRooms;
  told: ToldLists;
  /** Users with sockets on this node. */
  users(): number[];
  /** Asks the live log to look for events that these conversations' readers on this node did not get. */
  verify(conversationIds: readonly number[]): Promise<void>;
  resyncRoom(conversationId: number): void;
  /** Resynchronises the user's sockets that have existed for `agoMs`; false if there are none. */
  resyncUser(userId: number, agoMs: number): boolean;
  logger: Logger;
}

const LOOK_EVERY_MS = 2_000;
/** Answers per statement. */
const BATCH = 1_000;
/** Changes per look. */
const CHANGES = 10_000;
/** A change becomes visible at most this long after its timestamp, because transactions take time. */
const OVERLAP_MS = 12_000;

const changeKey = ({ userId, conversationId }: ListChange) => `${userId} ${conversationId}`;

/**
 * Compares what this node told its sockets with the state in Postgres, and resynchronises sockets that lack something:
 * an announcement can be lost, stored data cannot. A gap must show in two looks, because the event may still be on its
 * way.
 */
export class ScreenSweep {
  #deps: ScreenSweepDeps;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #lookedAt = performance.now();
  /** Gaps at the last look: versions that lists lacked, then messages and changes that rooms lacked. */
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

  /** `tookMs`: time since the ages were read. */
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
    this.#deps.logger.info({ conversationId }, 'room was out of date, resynchronised');
    this.#deps.resyncRoom(conversationId);
  }

  #resyncUser(userId: number, agoMs: number): void {
    if (!this.#deps.resyncUser(userId, agoMs)) return;
    this.#deps.logger.info({ userId }, 'list was out of date, resynchronised');
  }
}
