import type { Readiness } from '../../src/contract/rest.js';
import { eventually } from '../eventually.js';
import type { ClusterNode } from './cluster-node.js';

export type Status = Readiness['status'];

/** What a node says of itself to a load balancer; the code has to agree. */
export async function readinessOf({ url }: ClusterNode): Promise<Status> {
  const response = await fetch(`${url}/health/ready`);
  const { status } = (await response.json()) as Readiness;
  const code = status === 'unready' ? 503 : 200;
  if (response.status !== code) throw new Error(`${status} with ${response.status}`);
  return status;
}

/** Resolves when every one of these nodes says so; returns how long that took, in ms. */
export async function untilAll(nodes: readonly ClusterNode[], wanted: Status): Promise<number> {
  const from = performance.now();
  const look = () => Promise.all(nodes.map(readinessOf));
  await eventually(look, (all) => all.every((status) => status === wanted), 15_000);
  return performance.now() - from;
}

/** Asks these nodes all the time, as a load balancer does, and keeps what they said. */
export class ReadinessWatch {
  readonly seen = new Set<Status>();
  #going = true;
  #done: Promise<unknown>;

  constructor(nodes: readonly ClusterNode[]) {
    this.#done = Promise.all(nodes.map((node) => this.#ask(node)));
  }

  /** All that was said from the beginning until now. */
  async end(): Promise<Status[]> {
    this.#going = false;
    await this.#done;
    return [...this.seen];
  }

  async #ask(node: ClusterNode): Promise<void> {
    while (this.#going) {
      this.seen.add(await readinessOf(node));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
