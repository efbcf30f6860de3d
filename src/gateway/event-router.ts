import { performance } from 'node:perf_hooks';
import type { ErrorCode } from '../contract/errors.js';
import type { Ack, ClientEventName } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import { EVENT_PERMISSIONS, type Permission } from '../contract/permissions.js';
import { EVENT_SCOPES } from '../contract/scopes.js';
import { afterReads } from '../domain/after-reads.js';
import type { Limit } from '../domain/limits/rate-rules.js';
import { unwanted } from '../domain/limits/user-queue.js';
import type { Logger } from '../domain/logger.js';
import { requirePermission } from '../domain/rights/permissions.js';
import { requireScopes } from '../domain/sessions/scopes.js';
import { AppError, rateLimited, unavailable } from '../entities/errors.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { CallSpan, TraceIds, Tracing } from '../ports/tracing.js';
import { eventSchemas } from '../validation/schemas.js';
import { validate } from '../validation/validate.js';
import type { FloodGuard } from './flood/flood-guard.js';
import { inOrder } from './handlers/send-order.js';
import type { KeepUp } from './rooms/keep-up.js';
import type { SocketRights } from './sessions/socket-rights.js';
import type { Handlers, ParleySocket } from './types.js';
import { toWireError } from './wire-error.js';

export interface RouterOptions {
  handlers: Handlers;
  limit: Limit;
  floods: Pick<FloodGuard, 'meters' | 'queue' | 'refused' | 'drop'>;
  keepUp: Pick<KeepUp, 'wait' | 'isBehind'>;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'event'>;
  rights: Pick<SocketRights, 'require'>;
  /**
   * An event that takes longer gets `unavailable`. Work that has begun may still complete; work that is
   * waiting for its turn never begins.
   */
  deadlineMs: number;
}

/** The rights are checked again before the reply if reading took longer. */
const LONG_MS = 500;
const READS: ReadonlySet<Permission | null> = new Set(['conversations:read']);
/** Events that reply with pages and texts. Their order does not matter. */
const PAGES: ReadonlySet<ClientEventName> = new Set<ClientEventName>([
  'conversation:open',
  'conversation:list',
  'conversation:search',
  'message:select',
  'generation:resume',
]);

/** Events that may ask a model. They have a budget of their own, and a device's events keep their order. */
const ASKS: ReadonlySet<ClientEventName> = new Set<ClientEventName>([
  'message:send',
  'message:edit',
  'message:regenerate',
  'message:continue',
]);

type Reply = (ack: Ack<unknown>) => void;

const codeOf = (error: unknown): ErrorCode => (error instanceof AppError ? error.code : 'internal');

const isEvent = (name: string): name is ClientEventName => Object.hasOwn(eventSchemas, name);

/** Validates and limits everything that clients send, and replies. */
export class EventRouter {
  #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  attach(socket: ParleySocket): void {
    // The protocol allows numbers as event names, too.
    socket.onAny((name: string | number, ...args: unknown[]) => {
      this.#reply(socket, String(name), args).catch((error: unknown) => {
        this.#options.logger.error({ socketId: socket.id, err: error }, 'reply to an event failed');
      });
    });
  }

  async #reply(socket: ParleySocket, name: string, args: unknown[]): Promise<void> {
    const last = args.at(-1);
    const reply = typeof last === 'function' ? (last as Reply) : () => {};
    const started = performance.now();
    const span = this.#trace(name);
    try {
      const payload = typeof last === 'function' ? args[0] : last;
      await this.#handle(socket, name, payload, { reply, trace: span?.trace ?? null });
      this.#measure(name, null, performance.now() - started);
      span?.end({ error: null });
    } catch (error) {
      this.#measure(name, error, performance.now() - started);
      span?.end({ error: codeOf(error) });
      this.#log(socket, name, { error, ms: performance.now() - started, ids: span?.ids });
      reply({ ok: false, error: toWireError(error, socket.data.language) });
      this.#countRefusal(socket, error);
    }
  }

  #trace(name: string): CallSpan | null {
    return isEvent(name) && ASKS.has(name) ? this.#options.tracing.event(name) : null;
  }

  async #handle(
    socket: ParleySocket,
    name: string,
    payload: unknown,
    { reply, trace }: { reply: Reply; trace: string | null },
  ): Promise<void> {
    const { limit, floods, telemetry } = this.#options;
    const { userId } = socket.data.principal;
    const waitMs = floods.meters.waitMs(socket.conn);
    if (waitMs > 0) {
      telemetry.limited({ limit: 'packets' });
      throw rateLimited(waitMs);
    }
    await limit('event', String(userId));
    if (!isEvent(name)) throw new AppError('unknown_event');
    requireScopes(socket.data.principal, EVENT_SCOPES[name]);
    requirePermission(socket.data.principal, EVENT_PERMISSIONS[name]);
    if (ASKS.has(name)) await limit('message', String(userId));
    const due = performance.now() + this.#options.deadlineMs;
    const isWanted = () => socket.connected && performance.now() < due;
    const call = async () => {
      const data = await this.#call(socket, name, payload, { isWanted, trace });
      this.#send(socket, name, () => reply({ ok: true, data }));
    };
    const inTurn = () => (ASKS.has(name) ? inOrder(socket, call) : call());
    return this.#withDeadline(this.#inTurn(socket, name, inTurn, isWanted));
  }

  /** When its turn comes, the socket may have fallen behind. It then waits again, without delaying others. */
  async #inTurn(
    socket: ParleySocket,
    name: ClientEventName,
    call: () => Promise<void>,
    isWanted: () => boolean,
  ): Promise<void> {
    const { floods, keepUp } = this.#options;
    const { userId } = socket.data.principal;
    const isPage = PAGES.has(name);
    const work = async () => {
      if (isPage && keepUp.isBehind(socket)) return false;
      await call();
      return true;
    };
    let isDone = false;
    while (!isDone) {
      await keepUp.wait(socket);
      isDone = await floods.queue.run(userId, work, { isWanted, isPage });
    }
  }

  /** Charges a page before its turn ends. A page that was read but not sent is charged as a full one. */
  #send(socket: ParleySocket, name: ClientEventName, send: () => void): void {
    if (!PAGES.has(name)) {
      send();
      return;
    }
    let bytes: number = LIMITS.pageBytes;
    const measure = ({ data }: { data?: unknown }) => {
      bytes = Buffer.byteLength(String(data));
    };
    socket.conn.once('packetCreate', measure);
    send();
    socket.conn.off('packetCreate', measure);
    this.#options.floods.queue.charge(socket.data.principal.userId, bytes);
  }

  /** Runs when its turn has come: everything that was checked before the wait is checked again. */
  async #call<E extends ClientEventName>(
    socket: ParleySocket,
    name: E,
    payload: unknown,
    { isWanted, trace }: { isWanted: () => boolean; trace: string | null },
  ) {
    const { rights, handlers } = this.#options;
    const permission = EVENT_PERMISSIONS[name];
    if (!isWanted()) throw unwanted();
    await rights.require(socket, permission);
    if (!isWanted()) throw unwanted();
    const value = validate(eventSchemas[name], payload ?? null, socket.data.language);
    const began = performance.now();
    const data = await handlers[name](socket, value, trace);
    if (READS.has(permission) && performance.now() - began > LONG_MS) {
      await rights.require(socket, permission);
    }
    return data;
  }

  async #withDeadline<T>(work: Promise<T>): Promise<T> {
    let cancel = () => {};
    const deadline = new Promise<never>((_, reject) => {
      const late = () => reject(unavailable(new Error('deadline passed')));
      cancel = afterReads(late, this.#options.deadlineMs);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      cancel();
    }
  }

  #countRefusal(socket: ParleySocket, error: unknown): void {
    if (!(error instanceof AppError) || error.code !== 'rate_limited') return;
    const { floods } = this.#options;
    if (floods.refused(socket.data.principal.userId)) floods.drop(socket);
  }

  #measure(name: string, error: unknown, ms: number): void {
    const result = error === null ? 'ok' : codeOf(error);
    this.#options.telemetry.eventHandled({ event: isEvent(name) ? name : 'unknown', result, ms });
  }

  /** An unknown name may be any text, even a private one, so it is not logged. */
  #log(
    socket: ParleySocket,
    name: string,
    { error, ms, ids }: { error: unknown; ms: number; ids: TraceIds | undefined },
  ): void {
    const { logger } = this.#options;
    const event = isEvent(name) ? name : 'unknown';
    const fields = { ...ids, socketId: socket.id, event, ms: Math.round(ms) };
    if (error instanceof AppError) logger.debug({ ...fields, code: error.code }, 'event refused');
    else logger.error({ ...fields, err: error }, 'event failed');
  }
}
