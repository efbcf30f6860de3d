import { io, type Socket } from 'socket.io-client';
import type { WireError } from '../../contract/errors.js';
import {
  type AckData,
  type ClientEventName,
  type ClientPayload,
  type ClientToServerEvents,
  PROTOCOL_VERSION,
  type ServerEvents,
  type ServerToClientEvents,
} from '../../contract/events.js';
import { ParleyError, toParleyError, unreachable } from '../parley-error.js';
import type { Credentials } from '../rest/credentials.js';
import { Subject, type Unsubscribe } from '../subject.js';
import { type BackoffOptions, Retry } from '../time/retry.js';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionStatus,
  connectionStep,
  type Stage,
  statusOf,
} from './connection-machine.js';

export interface ConnectionOptions {
  url: string;
  credentials: Credentials;
  ackTimeoutMs: number;
  backoff: BackoffOptions;
}

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
  #stage: Stage = { at: 'idle', network: true };
  #status: ConnectionStatus = statusOf(this.#stage);

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
    this.#happened({ type: 'start' });
  }

  /** Closes the connection. Idempotent. */
  stop(): void {
    this.#happened({ type: 'stop' });
  }

  /** Reports the state of the device's network. The client connects at once when the network is back. */
  setNetwork(online: boolean): void {
    this.#happened({ type: 'network', online });
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
      this.#happened({ type: 'dead' });
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
    this.#socket.on('connect', () => this.#happened({ type: 'connected', now: performance.now() }));
    this.#socket.on('disconnect', (reason) => {
      if (reason !== 'io client disconnect')
        this.#happened({ type: 'disconnected', now: performance.now() });
    });
    this.#socket.on('connect_error', (reason) => {
      const error = 'data' in reason ? (reason.data as WireError | undefined) : undefined;
      this.#happened({ type: 'refused', error });
    });
    this.on('session:expiring', () => this.#happened({ type: 'expiring' }));
    this.on('session:ended', ({ code }) => this.#happened({ type: 'over', code }));
  }

  #happened(event: ConnectionEvent): void {
    const { state, effects } = connectionStep(this.#stage, event);
    this.#stage = state;
    if (state.at !== 'waiting') this.#retry.cancel();
    for (const effect of effects) this.#do(effect);
    this.#tell(statusOf(this.#stage));
  }

  #do(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'connect':
        this.#socket.disconnect().connect();
        break;
      case 'close':
        this.#retry.reset();
        this.#socket.disconnect();
        break;
      case 'retry':
        this.#retry.later(() => this.#happened({ type: 'waited' }), effect.atLeastMs);
        break;
      case 'move':
        this.#retry.reset();
        this.#retry.within(MOVE_WITHIN_MS, () => this.#happened({ type: 'waited' }));
        break;
      case 'renew':
        void this.#renew();
        break;
      case 'extend':
        void this.#extend();
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#options.credentials.renew();
    } catch (error) {
      this.#happened({ type: 'unrenewed', error: toParleyError(error) });
      return;
    }
    this.#happened({ type: 'renewed' });
  }

  /** The disconnect that follows handles a failure. */
  async #extend(): Promise<void> {
    await this.call('session:renew', this.#options.credentials.handshake()).catch(() => undefined);
  }

  #tell(status: ConnectionStatus): void {
    if (this.#status.state === status.state && this.#status.code === status.code) return;
    this.#status = status;
    this.#changes.emit(status);
  }
}
