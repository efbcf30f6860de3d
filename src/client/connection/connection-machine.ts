import type { ErrorCode, WireError } from '../../contract/errors.js';
import { createReducer, go, type Rules, type Step as StepOf, stay } from '../machine.js';
import type { ParleyError } from '../parley-error.js';

/** `offline`: not asked to connect, or the device has no network. `ended`: the session has ended; log in again. */
export type ConnectionState = 'connecting' | 'online' | 'reconnecting' | 'offline' | 'ended';

/** The state of the connection, and why it ended. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** The reason for `ended`. */
  readonly code: ErrorCode | null;
}

interface Base {
  /** The device has a network, as far as is known. */
  readonly network: boolean;
}

interface Away extends Base {
  /** The connection was not online since its start, and nothing is known of the network. */
  readonly first: boolean;
  /** Credentials were renewed since the last connection. If they are refused again, the session has ended. */
  readonly renewed: boolean;
}

/** `waiting`: for the next try. `renewing`: a try was refused for its credentials. */
export type Stage =
  | (Base & { readonly at: 'idle' })
  | (Away & { readonly at: 'connecting' })
  | (Away & { readonly at: 'waiting' })
  | (Away & { readonly at: 'renewing' })
  | (Base & {
      readonly at: 'online';
      readonly since: number;
      /** The server has ended the session, and will close the socket. */
      readonly ending: ErrorCode | null;
    })
  | (Base & { readonly at: 'ended'; readonly code: ErrorCode });

/** Times are in ms, of a clock that does not jump. */
export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'network'; readonly online: boolean }
  /** The wait for the next try is over, or was cut short. */
  | { readonly type: 'waited' }
  | { readonly type: 'connected'; readonly now: number }
  /** A try failed; without an error, nobody replied. */
  | { readonly type: 'refused'; readonly error: WireError | undefined }
  /** The session's credentials expire soon. */
  | { readonly type: 'expiring' }
  /** The server says that the session has ended. */
  | { readonly type: 'over'; readonly code: ErrorCode }
  /** The server or the network ended the connection. */
  | { readonly type: 'disconnected'; readonly now: number }
  | { readonly type: 'renewed' }
  | { readonly type: 'unrenewed'; readonly error: ParleyError }
  /** A check of the connection got no reply. */
  | { readonly type: 'dead' };

export type ConnectionEffect =
  /** Uses a new transport each time: the cookies of a handshake are those of its HTTP request. */
  | { readonly do: 'connect' }
  /** Closes the socket and forgets failures. */
  | { readonly do: 'close' }
  /** Tries again later, and later still after each failure. */
  | { readonly do: 'retry'; readonly atLeastMs: number | undefined }
  /** Connects again soon, at another node. */
  | { readonly do: 'move' }
  /** Renews the credentials. */
  | { readonly do: 'renew' }
  /** Shows the renewed credentials to the server. */
  | { readonly do: 'extend' };

type Step = StepOf<Stage, ConnectionEffect>;
type At<A extends Stage['at']> = Extract<Stage, { readonly at: A }>;
type Event<T extends ConnectionEvent['type']> = Extract<ConnectionEvent, { readonly type: T }>;
type Refusal = { error: Pick<WireError, 'code' | 'retryable' | 'retry_after_ms'> | undefined };

const RENEWABLE: ReadonlySet<string> = new Set([
  'unauthenticated',
  'token_expired',
  'token_invalid',
] satisfies ErrorCode[]);

/** A connection that lasted this long counts as a success. */
const STABLE_MS = 5_000;

const begin = ({ network }: Base): Step =>
  go({ at: 'connecting', network, first: true, renewed: false }, { do: 'connect' });

const finish = ({ network }: Base): Step => go({ at: 'idle', network }, { do: 'close' });

const end = ({ network }: Base, code: ErrorCode): Step =>
  go({ at: 'ended', network, code }, { do: 'close' });

const connect = ({ network, first, renewed }: Away): Step =>
  go({ at: 'connecting', network, first, renewed }, { do: 'connect' });

const wait = ({ network, first, renewed }: Away, then: ConnectionEffect): Step =>
  go({ at: 'waiting', network, first, renewed }, then);

const retry = (stage: Away, atLeastMs?: number): Step => wait(stage, { do: 'retry', atLeastMs });

const heard = <S extends Base>(stage: S, { online }: Event<'network'>): StepOf<S, never> =>
  stay({ ...stage, network: online });

/** Connects at once when the network is back. */
const plugged = (
  stage: At<'connecting' | 'waiting' | 'renewing'>,
  event: Event<'network'>,
): Step =>
  event.online
    ? connect({ ...stage, network: true, first: false })
    : stay({ ...stage, network: false, first: false });

const arrive = ({ network }: Base, { now }: Event<'connected'>): Step =>
  stay({ at: 'online', network, since: now, ending: null });

const refused = (stage: Away, { error }: Refusal): Step => {
  const isRenewable = error !== undefined && RENEWABLE.has(error.code);
  if (error === undefined || (error.retryable && !isRenewable))
    return retry(stage, error?.retry_after_ms);
  if (stage.renewed || !isRenewable) return end(stage, error.code);
  const { network, first } = stage;
  return go({ at: 'renewing', network, first, renewed: false }, { do: 'renew' });
};

/** A node that closes the socket of a live session has other nodes beside it. */
const fall = ({ network, since, ending }: At<'online'>, { now }: Event<'disconnected'>): Step => {
  const away = { network, first: false, renewed: false };
  if (ending !== null) return refused(away, { error: { code: ending, retryable: false } });
  return now - since >= STABLE_MS ? wait(away, { do: 'move' }) : retry(away);
};

const isOver = ({ retryable, code }: ParleyError): boolean => !retryable || RENEWABLE.has(code);

/** The renewal decides nothing here, unless it shows that the session has ended. */
const unrenewed = (stage: Stage, { error }: Event<'unrenewed'>): Step =>
  isOver(error) ? end(stage, error.code) : stay(stage);

const still = {
  waited: stay,
  refused: stay,
  expiring: stay,
  over: stay,
  disconnected: stay,
  renewed: stay,
  dead: stay,
};

const closed = {
  ...still,
  start: begin,
  stop: stay,
  network: heard,
  connected: (stage: Stage): Step => go(stage, { do: 'close' }),
  unrenewed: stay,
};

const started = { ...still, start: stay, stop: finish, connected: arrive, unrenewed };
const away = { ...started, network: plugged };

export const CONNECTION_RULES: Rules<Stage, ConnectionEvent, ConnectionEffect> = {
  idle: closed,
  // The transport was open, and closed before the server replied.
  connecting: { ...away, refused, disconnected: (stage) => retry(stage) },
  waiting: { ...away, waited: connect },
  renewing: {
    ...away,
    renewed: (stage) => connect({ ...stage, renewed: true }),
    unrenewed: (stage, { error }) =>
      isOver(error) ? end(stage, error.code) : retry(stage, error.retryAfterMs),
  },
  online: {
    ...started,
    network: heard,
    expiring: (stage) => go(stage, { do: 'renew' }),
    over: (stage, { code }) => stay({ ...stage, ending: code }),
    disconnected: fall,
    renewed: (stage) => go(stage, { do: 'extend' }),
    dead: ({ network }) => connect({ network, first: false, renewed: false }),
  },
  ended: closed,
};

export const connectionStep = /* @__PURE__ */ createReducer(CONNECTION_RULES);

export function statusOf(stage: Stage): ConnectionStatus {
  if (stage.at === 'ended') return { state: 'ended', code: stage.code };
  return { state: stateOf(stage), code: null };
}

function stateOf(stage: Exclude<Stage, At<'ended'>>): ConnectionState {
  if (stage.at === 'online') return 'online';
  if (stage.at === 'idle') return 'offline';
  if (stage.first) return 'connecting';
  return stage.network ? 'reconnecting' : 'offline';
}
