import { io, type Socket } from 'socket.io-client';
import type { ErrorCode, WireError } from '../contract/errors.js';
import {
  type AckData,
  type ClientEventName,
  type ClientPayload,
  type ClientToServerEvents,
  PROTOCOL_VERSION,
  type ServerEvents,
  type ServerToClientEvents,
} from '../contract/events.js';
import type { Credentials } from './credentials.js';
import { ParleyError, toParleyError, unreachable } from './parley-error.js';
import { type BackoffOptions, Retry } from './retry.js';
import { Subject, type Unsubscribe } from './subject.js';

/** `offline`: not asked to connect, or the device has no network. `ended`: the session has ended; log in again. */
export type ConnectionState = 'connecting' | 'online' | 'reconnecting' | 'offline' | 'ended';

/** The state of the connection, and why it ended. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** The reason for `ended`. */
  readonly code: ErrorCode | null;
}

export interface ConnectionOptions {
  url: string;
  credentials: Credentials;
  ackTimeoutMs: number;
  backoff: BackoffOptions;
}

const RENEWABLE: ReadonlySet<string> = new Set([
  'unauthenticated',
  'token_expired',
  'token_invalid',
] satisfies ErrorCode[]);

const FATAL: ReadonlySet<string> = new Set([
  'session_revoked',
  'refresh_reused',
  'account_disabled',
  'forbidden',
  'origin_not_allowed',
  'invalid_credentials',
] satisfies ErrorCode[]);

/** A connection that lasted this long counts as a success. */
const STABLE_MS = 5_000;

/** A node that closes the socket on purpose has other nodes beside it, so the wait is short. */
const MOVE_WITHIN_MS = 300;

/** A live connection replies within this time. */
const CHECK_MS = 4_000;

/** One socket that reconnects by itself, with fresh credentials, until it is stopped or the session has ended. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly #retry: Retry;
  readonly #changes = new Subject<ConnectionStatus>();
  #status: ConnectionStatus = { state: 'offline', code: null };
  #wanted = false;
  #network = true;
  /** Credentials were renewed since the last connection. If they are refused again, the session has ended. */
  #renewed = false;
  #endedBy: ErrorCode | null = null;
  #onlineSince: number | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#retry = new Retry(options.backoff);
    this.#socket = io(options.url, {
      autoConnect: false,
      reconnection: false,
      forceNew: true,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      withCredentials: true,
      timeout: options.ackTimeoutMs,
      auth: (give) => give({ ...options.credentials.handshake(), protocol: PROTOCOL_VERSION }),
    });
    this.#listen();
  }

  /** The current status. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Calls `listener` with every new status. */
  subscribe(listener: (status: ConnectionStatus) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Calls `listener` with every such event, across reconnects. */
  on<E extends keyof ServerEvents>(event: E, listener: (payload: ServerEvents[E]) => void): void {
    (this.#socket as Socket).on(event as string, listener);
  }

  /** Connects, and reconnects until `stop` or the end of the session. Idempotent. */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#renewed = false;
    this.#set('connecting');
    this.#connect();
  }

  /** Closes the connection. Idempotent. */
  stop(): void {
    if (!this.#wanted) return;
    this.#close();
    this.#set('offline');
  }

  /** Reports the state of the device's network. Back online, it connects at once. */
  setNetwork(online: boolean): void {
    this.#network = online;
    if (!this.#wanted || this.#socket.connected) return;
    this.#set(online ? 'reconnecting' : 'offline');
    if (online) this.#connect();
  }

  /** Connects now instead of after the wait, for instance when a page becomes visible. */
  nudge(): void {
    this.#retry.now();
  }

  /** False: the connection was dead, for instance because the device slept, and is replaced. */
  async check(): Promise<boolean> {
    const socket = (this.#socket as Socket).timeout(CHECK_MS);
    try {
      await socket.emitWithAck('session:renew', this.#options.credentials.handshake());
      return true;
    } catch {
      if (this.#wanted && this.#socket.connected) {
        this.#set('reconnecting');
        this.#connect();
      }
      return false;
    }
  }

  /** Sends an event and waits for the ack, at most `ackTimeoutMs`. Rejects with a `ParleyError`. */
  async call<E extends ClientEventName>(event: E, payload: ClientPayload<E>): Promise<AckData<E>> {
    if (!this.#socket.connected) throw unreachable();
    const socket = (this.#socket as Socket).timeout(this.#options.ackTimeoutMs);
    const reply = await socket.emitWithAck(event, payload).catch((error: unknown) => {
      throw unreachable(error);
    });
    if (reply.ok !== true) throw new ParleyError(reply.error);
    return reply.data;
  }

  #listen(): void {
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason));
    this.#socket.on('connect_error', (error) =>
      this.#refused('data' in error ? (error.data as WireError | undefined) : undefined),
    );
    this.on('session:expiring', () => void this.#renewSession());
    this.on('session:ended', ({ code }) => {
      this.#endedBy = code;
    });
  }

  /** Uses a new transport each time: the cookies of a handshake are those of its HTTP request. */
  #connect(): void {
    this.#retry.cancel();
    this.#socket.disconnect();
    if (this.#wanted) this.#socket.connect();
  }

  #connected(): void {
    this.#retry.cancel();
    this.#renewed = false;
    this.#endedBy = null;
    this.#onlineSince = performance.now();
    this.#set('online');
  }

  #disconnected(reason: string): void {
    if (!this.#wanted || reason === 'io client disconnect') return;
    this.#set(this.#network ? 'reconnecting' : 'offline');
    const stable = this.#onlineSince !== null && performance.now() - this.#onlineSince >= STABLE_MS;
    this.#onlineSince = null;
    const ended = this.#endedBy;
    if (ended !== null) this.#refused({ code: ended, message: ended, retryable: false });
    else this.#comeBack(stable);
  }

  #comeBack(stable: boolean): void {
    if (stable) this.#retry.reset();
    if (stable) this.#retry.within(MOVE_WITHIN_MS, () => this.#connect());
    else this.#retry.later(() => this.#connect());
  }

  #refused(error: WireError | undefined): void {
    if (!this.#wanted) return;
    if (error !== undefined && FATAL.has(error.code)) this.#end(error.code);
    else if (error !== undefined && RENEWABLE.has(error.code)) void this.#renewAndConnect(error);
    else this.#retry.later(() => this.#connect(), error?.retry_after_ms);
  }

  async #renewAndConnect(refusal: WireError): Promise<void> {
    if (this.#renewed) {
      this.#end(refusal.code);
      return;
    }
    if (await this.#renew()) {
      this.#renewed = true;
      this.#connect();
    }
  }

  /** False: not now. The session has ended, or a retry follows. */
  async #renew(): Promise<boolean> {
    try {
      await this.#options.credentials.renew();
      return true;
    } catch (error) {
      this.#renewFailed(toParleyError(error));
      return false;
    }
  }

  #renewFailed(error: ParleyError): void {
    if (!error.retryable || RENEWABLE.has(error.code)) this.#end(error.code);
    else if (!this.#socket.connected) this.#retry.later(() => this.#connect(), error.retryAfterMs);
  }

  /** The disconnect that follows handles a failure. */
  async #renewSession(): Promise<void> {
    if (!(await this.#renew())) return;
    await this.call('session:renew', this.#options.credentials.handshake()).catch(() => undefined);
  }

  #end(code: ErrorCode): void {
    this.#close();
    this.#set('ended', code);
  }

  #close(): void {
    this.#wanted = false;
    this.#retry.reset();
    this.#socket.disconnect();
  }

  #set(state: ConnectionState, code: ErrorCode | null = null): void {
    if (this.#status.state === state && this.#status.code === code) return;
    this.#status = { state, code };
    this.#changes.emit(this.#status);
  }
}
