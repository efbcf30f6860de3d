import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterNode, type Ways } from '../lab/nodes/cluster-node.js';
import type { Exit, Product } from '../lab/nodes/process.js';

export interface NodeEvents {
  /** The node ended without being told to, or not as a drain should end. */
  onBadExit(node: string, exit: Exit): void;
}

const START_TRIES = 20;

/** One node of the soak. It is started again whenever it ends. */
export class SoakNode {
  readonly name: string;
  readonly #node: ClusterNode;
  readonly #events: NodeEvents;
  readonly #told = new WeakSet<Product>();
  /** All its processes so far, the current one last. */
  readonly lives: { product: Product; since: number }[] = [];
  #closing = false;

  constructor(
    name: string,
    port: number,
    env: Record<string, string>,
    ways: Ways,
    events: NodeEvents,
  ) {
    this.name = name;
    this.#node = new ClusterNode(port, env, ways);
    this.#events = events;
  }

  get url(): string {
    return this.#node.url;
  }

  get host(): string {
    return this.#node.host;
  }

  get ways(): Ways {
    return this.#node.ways;
  }

  /** A node that starts while Redis or Postgres is away exits with a message. Its supervisor tries again. */
  async start(): Promise<void> {
    for (let tries = 1; !this.#closing; tries += 1) {
      const failure = await this.#node.start().then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) return this.#watch(this.#node.process);
      if (tries === START_TRIES) throw failure;
      await sleep(1_000);
    }
  }

  async kill(): Promise<void> {
    this.#told.add(this.#node.process);
    await this.#node.kill();
  }

  /** Sends SIGTERM, and waits for the end of the drain. */
  async drain(): Promise<void> {
    const { process } = this.#node;
    this.#told.add(process);
    const code = await this.#node.stop();
    if (code !== 0) this.#events.onBadExit(this.name, await process.exit);
  }

  freeze(): void {
    this.#node.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#node.process.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    this.#closing = true;
    const last = this.lives.at(-1)?.product;
    if (last) this.#told.add(last);
    await this.#node.dispose();
  }

  #watch(product: Product): void {
    this.lives.push({ product, since: performance.now() });
    void product.exit.then(async (exit) => {
      if (this.#told.has(product) || this.#closing) return;
      this.#events.onBadExit(this.name, exit);
      await this.start().catch(() => {});
    });
  }
}
