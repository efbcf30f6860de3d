import type { Config } from '../config/config.js';
import { openMetricsServer } from '../http/metrics.js';
import { type Context, createContext, type Overrides } from './context.js';
import { explainListen } from './explain-listen.js';
import { Front } from './front.js';
import type { Service } from './lifecycle.js';
import { serviceList } from './service-list.js';
import { awaitAdmission } from './standing.js';

/** One node, from its configuration to its end. */
export class App {
  #config: Config;
  #overrides: Overrides;
  #context: Context | null = null;
  #front: Front | null = null;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #giveUp = new AbortController();
  #onOusted = () => {};
  #onDrainAsked = () => {};

  private constructor(config: Config, overrides: Overrides) {
    this.#config = config;
    this.#overrides = overrides;
  }

  /** Opens nothing yet. */
  static create(config: Config, overrides: Overrides = {}): App {
    return new App(config, overrides);
  }

  /** The port it listens on; 0 before `start`. */
  get port(): number {
    return this.#front?.port ?? 0;
  }

  /**
   * Resolves when the node serves, or when `stop` came first. Idempotent. On failure, everything opened is closed
   * again.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Drains for at most `drainMs`, then closes everything. Running answers continue meanwhile; unfinished ones go back
   * to the queue. Idempotent.
   */
  stop(drainMs = this.#config.generation.drainMs): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  /** Called when another node serves in place of this one: stop it. */
  onOusted(listener: () => void): void {
    this.#onOusted = listener;
  }

  /** Called when an administrator has asked the node to drain, perhaps more than once: stop it. */
  onDrainAsked(listener: () => void): void {
    this.#onDrainAsked = listener;
  }

  async #start(): Promise<void> {
    const context = await createContext(this.#config, this.#overrides);
    const front = new Front(context);
    this.#context = context;
    this.#front = front;
    const { signal } = this.#giveUp;
    const { lifecycle, logger } = context;
    await lifecycle.start(this.#services(context, front), signal).catch((error: unknown) => {
      logger.info({}, 'stopped');
      throw error;
    });
    if (!signal.aborted && !this.#config.app.production)
      logger.info({}, `Parley is ready: ${this.#url}`);
  }

  #services(context: Context, front: Front): Service[] {
    return serviceList({
      ...context,
      front,
      metrics: this.#metrics(context),
      health: this.#health(context),
      listen: () => this.#listen(context, front),
    });
  }

  #metrics({ metrics, logger }: Context): Service {
    const { port } = this.#config.metrics;
    const name = 'metrics';
    if (!metrics || port === null) return { name };
    let close = async () => {};
    return {
      name,
      async start() {
        const server = await openMetricsServer(port, metrics, logger).catch((error) => {
          throw explainListen(error, port, 'METRICS_PORT');
        });
        close = () => server.close();
      },
      stop: () => close(),
    };
  }

  /** Keeps the node from claiming anything until it is admitted. */
  #health(context: Context): Service {
    const { health } = context;
    return {
      name: 'health',
      start: async () => {
        const { signal } = this.#giveUp;
        if (!(await awaitAdmission(context, this.#config.http.port, signal))) return;
        health.onOusted(() => this.#onOusted());
        health.onDrainAsked(() => this.#onDrainAsked());
        await health.start();
      },
      drain: () => health.drain(),
      stop: () => health.stop(),
    };
  }

  async #listen({ logger, engine }: Context, front: Front): Promise<void> {
    const { port } = this.#config.http;
    await front.listen(port).catch((error) => {
      throw explainListen(error, port, 'PORT');
    });
    logger.info({ port: this.port, engine: engine.kind, url: this.#url }, 'listening');
  }

  get #url(): string {
    return `http://localhost:${this.port}`;
  }

  async #stop(drainMs: number): Promise<void> {
    this.#giveUp.abort();
    await this.#starting?.catch(() => {});
    if (!this.#context) return;
    const { lifecycle, services, logger } = this.#context;
    logger.info({ running: services.scheduler.running, drainMs }, 'draining');
    await lifecycle.stop(drainMs);
    logger.info({}, 'stopped');
  }
}
