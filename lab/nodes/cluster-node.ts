import type { TcpProxy } from '../stores/tcp-proxy.js';
import { type Product, startProduct } from './process.js';

/** Starts a node as a process, or inside this one. */
export type Launch = (env: Record<string, string>) => Promise<Product>;

/** A node's connections to its stores, which a test can break for this node alone. */
export interface Ways {
  redis: TcpProxy;
  postgres: TcpProxy;
}

/** One node of a cluster. It keeps its address when it is started again. */
export class ClusterNode {
  readonly port: number;
  #env: Record<string, string>;
  #ways: Ways | null;
  #launch: Launch;
  #product: Product | null = null;

  constructor(
    port: number,
    env: Record<string, string>,
    ways: Ways | null,
    launch: Launch = startProduct,
  ) {
    this.port = port;
    this.#env = { ...env, PORT: String(port) };
    this.#ways = ways;
    this.#launch = launch;
  }

  get host() {
    return `127.0.0.1:${this.port}`;
  }

  get url() {
    return `http://${this.host}`;
  }

  /** The running process. */
  get process(): Product {
    if (!this.#product) throw new Error('this node does not run');
    return this.#product;
  }

  get pid() {
    return this.process.pid;
  }

  get ways(): Ways {
    if (!this.#ways) throw new Error('this node is not breakable');
    return this.#ways;
  }

  async start(): Promise<void> {
    this.#product = await this.#launch(this.#env);
  }

  /** Sends a signal, by default SIGKILL. For signals that end the process at once, it resolves when that has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.#ended();
  }

  /** Sends SIGTERM, and resolves to the exit code after the drain. */
  stop(): Promise<number | null> {
    this.process.kill('SIGTERM');
    return this.ended();
  }

  /** Resolves to the exit code of a process that was told to end. */
  async ended(): Promise<number | null> {
    const { exit } = this.process;
    await this.#ended();
    return (await exit).code;
  }

  /** One node's step of a rolling deploy, perhaps with other settings. */
  async restart(env: Record<string, string> = {}): Promise<number | null> {
    const code = await this.stop();
    this.#env = { ...this.#env, ...env };
    await this.start();
    return code;
  }

  /** Ends the process, whatever state it is in, without waiting for a drain. */
  async dispose(): Promise<void> {
    if (this.#product) {
      this.process.kill('SIGCONT');
      await this.kill('SIGINT');
    }
    await Promise.all([this.#ways?.redis.stop(), this.#ways?.postgres.stop()]);
  }

  async #ended(): Promise<void> {
    await this.process.exit;
    this.#product = null;
  }
}
