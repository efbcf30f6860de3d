import type { BroadcastOperator, Server, Socket } from 'socket.io';
import type {
  AckData,
  ClientEventName,
  ClientPayload,
  ClientToServerEvents,
  RoomEvent,
  ServerToClientEvents,
} from '../contract/events.js';
import type { Language } from '../contract/language.js';
import type { MemberEvent } from '../domain/events.js';
import type { Principal } from '../entities/entities.js';

/** A conversation that a socket is about to open. */
export interface Place {
  /** Calls under way. */
  calls: number;
  /** The conversation was open before, or one of the calls has opened it. */
  kept: boolean;
  /** How often it was closed meanwhile. */
  closes: number;
}

/** Data about one connected device. */
export interface SocketData {
  principal: Principal;
  language: Language;
  address: string;
  /** When it joined its user's room, by `performance.now()`; Infinity before. */
  since: number;
  /** When `session:expiring` is due, in ms since the epoch; Infinity once it has been sent. */
  warnAt: number;
  /** The device's last question, which the next one waits for; null before the first. */
  lastSend: Promise<unknown> | null;
  /** Conversations that are being opened, by id; null if there are none, as is usual. */
  places: Map<number, Place> | null;
  /** Conversations in which the user is present through this socket. */
  present: Set<number>;
  /** Conversations that it left because it read too slowly. */
  behind: number[];
  /** Time since which it reads too slowly, by `performance.now()`; 0 while it keeps up. */
  behindSince: number;
}

type NoEvents = Record<string, never>;

export type ParleyServer = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;
export type ParleySocket = Socket<ClientToServerEvents, ServerToClientEvents, NoEvents, SocketData>;

export type Handler<E extends ClientEventName> = (
  socket: ParleySocket,
  payload: ClientPayload<E>,
  /** This call's `traceparent`, if it may ask a model. */
  trace: string | null,
) => Promise<AckData<E>>;

/** One handler for every client event: a missing one does not compile. */
export type Handlers = { [E in ClientEventName]: Handler<E> };

export const userRoom = (id: number) => `user:${id}`;
/** Sockets of the user's keys that may not read conversations, and so get none of the user's events. */
export const programRoom = (id: number) => `program:${id}`;
export const sessionRoom = (id: string) => `session:${id}`;
export const conversationRoom = (id: number) => `conversation:${id}`;

/** The conversation that a room belongs to; null for rooms of users and sessions. */
export function conversationOf(room: string): number | null {
  const id = room.startsWith('conversation:') ? Number(room.slice('conversation:'.length)) : 0;
  return id || null;
}

/** TypeScript cannot see through a union that the name and the payload of an event belong together. */
export function emitEvent(
  room: BroadcastOperator<ServerToClientEvents, SocketData>,
  event: RoomEvent | MemberEvent,
): void {
  const emit = room.emit.bind(room) as (name: string, payload: unknown) => boolean;
  emit(event.name, event.payload);
}
