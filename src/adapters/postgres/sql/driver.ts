import { Socket } from 'node:net';
import pg from 'pg';
import { markUnusable } from './sequelize-internals.js';
import {
  KEPT_BY_POOLERS,
  pinning,
  type SessionSettings,
  startingLimits,
} from './session-settings.js';

const INT8 = 20;
const NUMERIC = 1700;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;

const toNumber = (text: string): number => Number(text);

/** Parses a one-dimensional array such as `{1,2,NULL}`. */
const toNumbers = (text: string): (number | null)[] =>
  text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((part) => (part === 'NULL' ? null : Number(part)));

const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, toNumber],
  [NUMERIC, toNumber],
  [INT8_ARRAY, toNumbers],
  [NUMERIC_ARRAY, toNumbers],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) ||
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/**
 * Sequelize passes its own parsers to the client. Ours replace them, and pg's global ones stay unchanged.
 *
 * Settings of the server, the database and the role do not affect our sessions: those that statements depend on are
 * pinned before the first statement, without another round trip. `options` names the schema.
 *
 * If the server is silent for `query_timeout` while it owes a response, the connection is cut. pg alone would fail
 * one statement and keep the connection, and the rollback after it would wait once more. Neither this limit nor
 * `connectionTimeoutMillis` blames the server for a pause of this process.
 */
export class PatientClient extends pg.Client {
  /** Missing in pg's types. False while a statement is under way. */
  declare readonly readyForQuery: boolean;

  readonly #session: SessionSettings;
  readonly #connectWithinMs: number;
  #gathers = false;

  constructor({ query_timeout: silenceMs, options: schema, ...config }: pg.ClientConfig) {
    const {
      statement_timeout: statementMs = 0,
      idle_in_transaction_session_timeout: idleMs = 0,
      connectionTimeoutMillis: connectWithinMs = 0,
      ...rest
    } = config;
    super({ ...rest, types, pipeline: true });
    this.#connectWithinMs = connectWithinMs;
    this.#session = { schema, statementMs: Number(statementMs), idleMs };
    this.on('connect', () => {
      if (silenceMs) this.#watch(silenceMs);
      this.#pin();
    });
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    if (this.#connectWithinMs > 0) this.#limitConnecting(this.#connectWithinMs);
    if (!callback) return super.connect();
    super.connect(callback);
    return undefined;
  }

  /** Called by pg, missing in its types. Returns the contents of the startup packet. */
  getStartupConf(): object {
    const own: () => object = Reflect.get(pg.Client.prototype, 'getStartupConf');
    return { ...own.call(this), ...KEPT_BY_POOLERS, ...startingLimits(this.#session) };
  }

  /** Sends statements from now on in one piece, once the promises that are settled now have run. */
  gather(): void {
    const { stream } = this.connection;
    if (this.#gathers || !(stream instanceof Socket)) return;
    this.#gathers = true;
    stream.cork();
    process.nextTick(() => {
      this.#gathers = false;
      stream.uncork();
    });
  }

  /** Ends the connection at once, without telling the server, which may be frozen. */
  drop(): void {
    markUnusable(this);
    const { stream } = this.connection;
    if (stream instanceof Socket) stream.destroy();
  }

  /** Pins the settings, before any other statement. A session that cannot be pinned is not used. */
  #pin(): void {
    this.query(pinning(this.#session)).catch((error: Error) => {
      markUnusable(this);
      const { stream } = this.connection;
      if (stream instanceof Socket) stream.destroy(error);
    });
  }

  /** Begins anew, once, if this process stood still meanwhile: the server's response may have come unread. */
  #limitConnecting(ms: number): void {
    let timer: NodeJS.Timeout | undefined;
    const begin = (late: () => void) => {
      const dueAt = performance.now() + ms;
      timer = setTimeout(() => (isLate(dueAt) ? late() : cut()), ms).unref();
    };
    const cut = () => this.connection.stream.destroy(new Error('timeout expired'));
    this.once('connect', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    begin(() => begin(cut));
  }

  /** Called once connected, because TLS replaces the first stream. */
  #watch(silenceMs: number): void {
    const { stream } = this.connection;
    if (stream instanceof Socket) stream.setTimeout(silenceMs, () => this.#doubt(stream));
  }

  /** Checks after pending reads: a process that was itself frozen must not blame the server. */
  #doubt(stream: Socket): void {
    const heard = stream.bytesRead;
    setImmediate(() => {
      if (this.readyForQuery || stream.bytesRead > heard) return;
      stream.destroy(Object.assign(new Error('Postgres is silent'), { code: 'ETIMEDOUT' }));
    });
  }
}

/** A timer that is later than this was held up by a pause of the process. */
const PAUSE_MS = 50;

/** Whether the process stood still when a time limit passed, by `performance.now()`. */
export const isLate = (dueAt: number): boolean => performance.now() - dueAt > PAUSE_MS;

/** The `dialectModule` of Sequelize: pg, with ids and counts as numbers, and a limit on silence. */
export const driver: object = Object.create(pg, { Client: { value: PatientClient } });
