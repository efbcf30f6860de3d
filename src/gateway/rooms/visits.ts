import { rateLimited } from '../../entities/errors.js';
import type { ParleySocket, Place } from '../types.js';
import type { RoomPresence } from './room-presence.js';
import type { RoomReaders } from './room-readers.js';

const RETRY_AFTER_MS = 1_000;
/** Placeholder for a conversation that has no id yet. */
const NEW = 0;

/** The session is checked again before the socket joins if it waited longer. */
const LONG_MS = 200;

export interface VisitsDeps {
  readers: RoomReaders;
  presence: RoomPresence;
  /** Rejects when the session of a socket is over. */
  admit(socket: ParleySocket): Promise<void>;
  isMember(userId: number, conversationId: number): Promise<boolean>;
  maxOpen: number;
}

/** Lets sockets into conversations and out of them again. */
export class Visits {
  readonly readers: RoomReaders;
  readonly presence: RoomPresence;
  #deps: VisitsDeps;

  constructor(deps: VisitsDeps) {
    this.readers = deps.readers;
    this.presence = deps.presence;
    this.#deps = deps;
  }

  /**
   * Runs a call that opens a conversation, or creates one if `conversationId` is null. Conversations that are being
   * opened count as open. A call that fails leaves the conversation that it opened.
   * @throws AppError `rate_limited`, before the call, if too many conversations are open
   */
  async run<T>(
    socket: ParleySocket,
    conversationId: number | null,
    call: (visit: Visit) => Promise<T>,
  ): Promise<T> {
    this.#requirePlace(socket, conversationId ?? NEW);
    const visit = new Visit(this, socket, conversationId ?? NEW);
    try {
      const result = await call(visit);
      visit.keep();
      return result;
    } finally {
      await visit.end();
    }
  }

  /**
   * Resolves when no event of the conversation can be missed any more.
   * @throws AppError if the session has ended meanwhile
   */
  join(socket: ParleySocket, conversationId: number): Promise<void> {
    const asked = performance.now();
    return this.readers.join(socket, conversationId, async () => {
      if (performance.now() - asked > LONG_MS) await this.#deps.admit(socket);
    });
  }

  /**
   * Takes a socket out of a conversation that may have been deleted before it joined the room: nothing else would do
   * it.
   */
  leaveIfGone(socket: ParleySocket, conversationId: number): void {
    const { userId } = socket.data.principal;
    this.#deps.isMember(userId, conversationId).then(
      (isMember) => (isMember ? undefined : this.leave(socket, conversationId)),
      () => {},
    );
  }

  /** Closes a conversation for the socket. Calls under way that open it leave it again when they end. */
  close(socket: ParleySocket, conversationId: number): Promise<void> {
    const place = socket.data.places?.get(conversationId);
    if (place) Object.assign(place, { kept: false, closes: place.closes + 1 });
    return this.leave(socket, conversationId);
  }

  async leave(socket: ParleySocket, conversationId: number): Promise<void> {
    await this.readers.leave(socket, conversationId);
    this.presence.leave(socket, conversationId);
  }

  #requirePlace(socket: ParleySocket, conversationId: number): void {
    const taken = new Set([...this.readers.opened(socket), ...(socket.data.places?.keys() ?? [])]);
    if (!taken.has(conversationId) && taken.size >= this.#deps.maxOpen) {
      throw rateLimited(RETRY_AFTER_MS);
    }
  }
}

/** One call that opens a conversation. */
export class Visit {
  #visits: Visits;
  #socket: ParleySocket;
  #id: number;
  #place: Place;
  /** The closes before this call. */
  #closes: number;
  #entered: Promise<void> | undefined;

  constructor(visits: Visits, socket: ParleySocket, conversationId: number) {
    this.#visits = visits;
    this.#socket = socket;
    this.#id = conversationId;
    this.#place = this.#take();
    this.#closes = this.#place.closes;
  }

  /** Joins without reading the conversation afterwards. Resolves when no event of it can be missed any more. */
  async join(conversationId: number): Promise<void> {
    const { presence, readers } = this.#visits;
    const wasIn = readers.isIn(this.#socket, conversationId);
    const joined = await this.#joinRoom(conversationId);
    if (joined && !presence.has(this.#socket, conversationId)) this.#enter();
    if (joined && !wasIn) this.#visits.leaveIfGone(this.#socket, conversationId);
  }

  /** Joins, and asks the engine who else is present; `present` waits for the reply. */
  async open(conversationId: number): Promise<void> {
    if (await this.#joinRoom(conversationId)) this.#enter();
  }

  /** Ids of the users who have the conversation open, on all nodes as far as these can be known. */
  async present(): Promise<number[]> {
    await this.#entered;
    return this.#visits.presence.present(this.#id);
  }

  /** Keeps the conversation open after the call, unless it was closed meanwhile. */
  keep(): void {
    if (this.#place.closes === this.#closes) this.#place.kept = true;
  }

  async end(): Promise<void> {
    if (this.#give()) await this.#visits.leave(this.#socket, this.#id);
  }

  /** False: the socket has disconnected meanwhile. */
  async #joinRoom(conversationId: number): Promise<boolean> {
    const { readers } = this.#visits;
    if (this.#id !== conversationId) this.#moveTo(conversationId);
    await this.#visits.join(this.#socket, conversationId);
    return readers.isIn(this.#socket, conversationId);
  }

  #enter(): void {
    this.#entered = this.#visits.presence.enter(this.#socket, this.#id);
  }

  #moveTo(conversationId: number): void {
    this.#give();
    this.#id = conversationId;
    this.#place = this.#take();
    this.#closes = this.#place.closes;
  }

  /** True: no other call is under way, and none has opened the conversation. */
  #give(): boolean {
    this.#place.calls -= 1;
    if (this.#place.calls > 0) return false;
    const { data } = this.#socket;
    data.places?.delete(this.#id);
    if (data.places?.size === 0) data.places = null;
    return !this.#place.kept;
  }

  #take(): Place {
    const { data } = this.#socket;
    data.places ??= new Map();
    const { places } = data;
    const kept = this.#visits.readers.isIn(this.#socket, this.#id);
    const place = places.get(this.#id) ?? { calls: 0, kept, closes: 0 };
    places.set(this.#id, place);
    place.calls += 1;
    return place;
  }
}
