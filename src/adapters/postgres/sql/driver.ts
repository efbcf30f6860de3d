import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
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

  /** The time limit begins anew if the server's response had come and was only not read yet. */
  #limitConnecting(ms: number): void {
    let timer: NodeJS.Timeout | null = null;
    const begin = () => {
      timer = setTimeout(() => this.#doubt(new Error('timeout expired'), onHeard), ms).unref();
    };
    const onHeard = () => {
      if (timer !== null) begin();
    };
    const end = () => {
      clearTimeout(timer ?? undefined);
      timer = null;
    };
    this.once('connect', end).once('end', end);
    begin();
  }

  /** Called once connected, because TLS replaces the first stream. */
  #watch(silenceMs: number): void {
    const { stream } = this.connection;
    if (!(stream instanceof Socket)) return;
    const silent = Object.assign(new Error('Postgres is silent'), { code: 'ETIMEDOUT' });
    stream.setTimeout(silenceMs, () => {
      if (!this.readyForQuery) this.#doubt(silent);
    });
  }

  /** Cuts the connection if there is nothing to read: a process that was itself frozen must not blame the server. */
  #doubt(error: Error, onHeard: () => void = () => {}): void {
    const before = heardOn(this.connection.stream);
    setImmediate(() => {
      const { stream } = this.connection;
      if (before === heardOn(stream)) stream.destroy(error);
      else onHeard();
    });
  }
}

/** Changes with all that the server sends, and when it accepts the connection. */
const heardOn = (stream: Duplex): number =>
  stream instanceof Socket && !stream.connecting ? stream.bytesRead : -1;

/** The `dialectModule` of Sequelize: pg, with ids and counts as numbers, and a limit on silence. */
export const driver: object = Object.create(pg, { Client: { value: PatientClient } });
