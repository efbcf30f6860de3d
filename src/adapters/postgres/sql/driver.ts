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

/** One-dimensional `{1,2,NULL}`. */
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

/**
 * Sequelize hands its own parsers to the client; ours take their place, and pg's global ones stay as they are.
 *
 * No setting of the server, the database or the role reaches a session of ours: those that statements depend on are
 * pinned before the first statement, without another round trip. `options` names the schema.
 *
 * A server that says nothing for `query_timeout` while it owes an answer has the connection cut. pg alone would fail
 * the one statement and keep the connection: the rollback after it would wait once more.
 */
export class PatientClient extends pg.Client {
  /** Pg's own, missing in its types: false while a statement is under way. */
  declare readonly readyForQuery: boolean;

  readonly #session: SessionSettings;
  #gathers = false;

  constructor({ query_timeout: silenceMs, options: schema, ...config }: pg.ClientConfig) {
    const {
      statement_timeout: statementMs = 0,
      idle_in_transaction_session_timeout: idleMs = 0,
      ...rest
    } = config;
    super({ ...rest, types, pipeline: true });
    this.#session = { schema, statementMs: Number(statementMs), idleMs };
    this.on('connect', () => {
      if (silenceMs) this.#watch(silenceMs);
      this.#pin();
    });
  }

  /** Called by pg, whose own is missing in its types: what the startup packet carries. */
  getStartupConf(): object {
    const own: () => object = Reflect.get(pg.Client.prototype, 'getStartupConf');
    return { ...own.call(this), ...KEPT_BY_POOLERS, ...startingLimits(this.#session) };
  }

  /** What is asked from now on goes out in one piece, when the promises that are settled now have run. */
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

  /** Ends the connection at once, without a word to the server, which may be frozen. */
  drop(): void {
    markUnusable(this);
    const { stream } = this.connection;
    if (stream instanceof Socket) stream.destroy();
  }

  /** Goes out before what is asked next. A session that cannot be pinned serves nobody. */
  #pin(): void {
    this.query(pinning(this.#session)).catch((error: Error) => {
      markUnusable(this);
      const { stream } = this.connection;
      if (stream instanceof Socket) stream.destroy(error);
    });
  }

  /** Only now the stream is the one that stays: TLS replaces the first. */
  #watch(silenceMs: number): void {
    const { stream } = this.connection;
    if (stream instanceof Socket) stream.setTimeout(silenceMs, () => this.#doubt(stream));
  }

  /** After the sockets were read: a process that was frozen must not blame the server. */
  #doubt(stream: Socket): void {
    const heard = stream.bytesRead;
    setImmediate(() => {
      if (this.readyForQuery || stream.bytesRead > heard) return;
      stream.destroy(Object.assign(new Error('Postgres is silent'), { code: 'ETIMEDOUT' }));
    });
  }
}

/** The `dialectModule` of Sequelize: pg, with ids and counts as numbers, and a bound on silence. */
export const driver: object = Object.create(pg, { Client: { value: PatientClient } });
