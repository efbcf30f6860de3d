import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Cluster, openCluster, SUPERUSER } from './cluster.js';
import { ensureRunning, type Running, shutDown } from './launch.js';
import { ensureDatabase } from './lease.js';

const DATABASE = 'parley';

/** Pauses between tries to start a server again that went away. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface EmbeddedPostgres {
  /** Stays the same, even after a restart, for as long as the port is available. */
  url: string;
  /** The directory in which Postgres keeps the data. */
  dir: string;
  /** Ends this process's use. The last user's `stop` shuts the server down. Idempotent. */
  stop(): Promise<void>;
}

export interface EmbeddedSettings {
  dataDir: string;
  logger: Logger;
  /** False trades durability for speed, for tests. */
  durable?: boolean;
}

class Server implements EmbeddedPostgres {
  readonly dir: string;
  readonly #cluster: Cluster;
  readonly #durable: boolean;
  readonly #logger: Logger;
  #running: Promise<Running>;
  #stopping: Promise<void> | undefined;
  readonly #giveUp = new AbortController();
  #port = 0;

  constructor(cluster: Cluster, { durable = true, logger }: EmbeddedSettings) {
    this.dir = cluster.dir;
    this.#cluster = cluster;
    this.#durable = durable;
    this.#logger = logger;
    this.#running = this.#join();
  }

  async start(): Promise<this> {
    this.#port = (await this.#running).port;
    await ensureDatabase(this.#cluster, this.#port, DATABASE);
    return this;
  }

  get url(): string {
    return `postgres://${SUPERUSER}:${this.#cluster.password}@127.0.0.1:${this.#port}/${DATABASE}`;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #join(): Promise<Running> {
    return ensureRunning(this.#cluster, this.#durable, () => this.#rejoin());
  }

  /** Starts a server that went away under us again, so that a crash of Postgres is only an interruption. */
  #rejoin(): void {
    if (this.#stopping) return;
    this.#logger.error({}, 'the embedded Postgres went away: starting it again');
    this.#running = this.#joinAgain();
    this.#running.then(
      ({ port }) => this.#report(port),
      (err) => this.#logger.warn({ err }, 'the embedded Postgres stays away: the node stops'),
    );
  }

  /** Its disk may be full, or its recovery slow. @throws the last error when the server is stopped */
  async #joinAgain(): Promise<Running> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.#join();
      } catch (error) {
        if (this.#giveUp.signal.aborted) throw error;
        this.#logger.fatal({ err: error, pause }, 'the embedded Postgres does not start again');
        await sleep(pause, undefined, { signal: this.#giveUp.signal }).catch(() => {});
        if (this.#giveUp.signal.aborted) throw error;
      }
    }
  }

  #report(port: number): void {
    if (port === this.#port) this.#logger.info({}, 'the embedded Postgres is back');
    else this.#logger.fatal({ port }, 'the embedded Postgres came back on another port: restart');
  }

  async #stop(): Promise<void> {
    this.#giveUp.abort();
    // Includes a server that is just being started again: it must not be left behind.
    const running = await this.#running.catch(() => null);
    if (!running) return;
    const isLast = await running.lease.release();
    if (isLast) await shutDown(this.#cluster);
    await running.lease.close();
  }
}

/**
 * Starts or joins the Postgres whose data are below `dataDir`. It runs for as long as any process uses it: later
 * processes join it, the last to leave shuts it down, and one left behind by a killed process is joined again.
 */
export async function startEmbeddedPostgres(settings: EmbeddedSettings): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(settings.dataDir, settings.logger);
  const server = new Server(cluster, settings);
  return server.start().catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
}
