import { parsePostgresUrl } from '../../config/postgres-url.js';
import type { Logger } from '../../domain/logger.js';
import type { NodeNotice, NodeNotices } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import type { HistoryWatch } from './history/history-watch.js';
import { connectionOf } from './sql/connection.js';
import { PatientClient } from './sql/driver.js';
import type { Sql } from './sql/sql.js';

export interface NoticeBusOptions {
  url: string;
  /** Sends the notices. */
  sql: Sql;
  /** Checks the connection that listens. */
  history: Pick<HistoryWatch, 'admit'>;
  logger: Logger;
}

/** Channels belong to a database, and each of its schemas may hold a deployment. */
const CHANNEL = "SELECT 'parley_' || id AS channel FROM deployment";
const NOTIFY = "SELECT pg_notify('parley_' || id, $1) FROM deployment";
const CONNECT_WITHIN_MS = 4_000;
/** A connection that does not respond for this long is closed and replaced. */
const SILENCE_MS = 5_000;
const ASK_EVERY_MS = 10_000;
const AGAIN_AFTER_MS = 1_000;
/** A notification carries less than 8000 bytes; an id has 36. */
const IDS_AT_ONCE = 100;

/** Notices that the command line sends, too. The others mean nothing without Redis. */
const ON_BUS = ['session_ended', 'users_changed', 'drain'] as const;

type BusNotice = Extract<NodeNotice, { type: (typeof ON_BUS)[number] }>;

/**
 * Notices through Postgres' NOTIFY, for the command line and for nodes that cannot reach Redis. Listens on a
 * connection of its own. After a gap in listening, all users count as changed.
 */
export class NoticeBus implements NodeNotices {
  #options: NoticeBusOptions;
  #listeners = new Set<(notice: NodeNotice) => void>();
  #client: PatientClient | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: NoticeBusOptions) {
    this.#options = options;
  }

  /** Resolves when notices arrive, or when the first attempt has failed; further attempts follow. */
  async start(): Promise<void> {
    await this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#client?.drop();
  }

  async send(notice: NodeNotice): Promise<void> {
    if (!isForBus(notice)) return;
    try {
      for (const part of split(notice)) {
        await this.#options.sql.run(NOTIFY, [JSON.stringify(part)]);
      }
    } catch (error) {
      this.#options.logger.debug({ err: error, notice: notice.type }, 'notice not published');
    }
  }

  onNotice(listener: (notice: NodeNotice) => void): Subscription {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  async #connect(): Promise<void> {
    const client = this.#open();
    try {
      await client.connect();
      await this.#options.history.admit(client);
      const { rows } = await client.query<{ channel: string }>(CHANNEL);
      await client.query(`LISTEN "${rows[0]?.channel}"`);
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'not listening for notices, will try again');
      this.#lost(client);
      return;
    }
    this.#askLater(client);
  }

  #open(): PatientClient {
    const client = new PatientClient({
      ...connectionOf(parsePostgresUrl(this.#options.url)),
      application_name: 'parley notices',
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: SILENCE_MS,
      keepAlive: true,
    });
    this.#client = client;
    client.on('error', () => {});
    client.on('notification', ({ payload = '' }) => this.#receive(payload));
    client.once('end', () => this.#lost(client));
    return client;
  }

  /** Nothing else is sent on this connection, so a server that vanished would never be noticed. */
  #askLater(client: PatientClient): void {
    if (this.#stopped || client !== this.#client) return;
    this.#timer = setTimeout(() => {
      client.query('SELECT 1').then(
        () => this.#askLater(client),
        () => this.#lost(client),
      );
    }, ASK_EVERY_MS);
  }

  #lost(client: PatientClient): void {
    if (client !== this.#client) return;
    this.#client = null;
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#again(), AGAIN_AFTER_MS);
    client.drop();
  }

  async #again(): Promise<void> {
    await this.#connect();
    if (this.#client) this.#tell({ type: 'users_changed', userIds: null });
  }

  #receive(text: string): void {
    try {
      this.#tell(JSON.parse(text));
    } catch (error) {
      this.#options.logger.error({ err: error }, 'notice by Postgres failed');
    }
  }

  #tell(notice: NodeNotice): void {
    for (const listener of [...this.#listeners]) listener(notice);
  }
}

const isForBus = (notice: NodeNotice): notice is BusNotice =>
  ON_BUS.some((type) => type === notice.type);

/** Splits a notice into parts that fit into a notification. */
function split(notice: BusNotice): BusNotice[] {
  if (notice.type === 'drain') return [notice];
  const all = notice.type === 'session_ended' ? notice.sessionIds : notice.userIds;
  if (all === null || all.length <= IDS_AT_ONCE) return [notice];
  if (notice.type === 'users_changed') return [{ ...notice, userIds: null }];
  const parts: BusNotice[] = [];
  for (let from = 0; from < notice.sessionIds.length; from += IDS_AT_ONCE) {
    parts.push({ ...notice, sessionIds: notice.sessionIds.slice(from, from + IDS_AT_ONCE) });
  }
  return parts;
}

/** Sends both ways and listens both ways. A notice that arrives twice does no harm. */
export const onBothWays = (engine: NodeNotices, bus: NodeNotices): NodeNotices => ({
  async send(notice) {
    await Promise.all([engine.send(notice), bus.send(notice)]);
  },
  onNotice(listener) {
    const subscriptions = [engine.onNotice(listener), bus.onNotice(listener)];
    return { close: () => subscriptions.forEach((subscription) => void subscription.close()) };
  },
});
