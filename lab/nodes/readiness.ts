import type { Readiness } from '../../src/contract/rest.js';
import { eventually } from '../eventually.js';
import type { ClusterNode } from './cluster-node.js';

export type Status = Readiness['status'];

/** The readiness that a node reports to load balancers. The HTTP status must agree. */
export async function readinessOf({ url }: ClusterNode): Promise<Status> {
  const response = await fetch(`${url}/health/ready`);
  const { status } = (await response.json()) as Readiness;
  const code = status === 'unready' ? 503 : 200;
  if (response.status !== code) throw new Error(`${status} with ${response.status}`);
  return status;
}

/** Resolves when all of these nodes report this status. Returns how long that took, in ms. */
export async function untilAll(nodes: readonly ClusterNode[], wanted: Status): Promise<number> {
  const from = performance.now();
  const look = () => Promise.all(nodes.map(readinessOf));
  await eventually(look, (all) => all.every((status) => status === wanted));
  return performance.now() - from;
}

/** Polls these nodes continuously, as a load balancer does, and keeps their reports. */
export class ReadinessWatch {
  readonly seen = new Set<Status>();
  #going = true;
  #done: Promise<unknown>;

  constructor(nodes: readonly ClusterNode[]) {
    this.#done = Promise.all(nodes.map((node) => this.#ask(node)));
  }

  /** Ends the polling. Returns all reports so far. */
  async end(): Promise<Status[]> {
    this.#going = false;
    await this.#done;
    return [...this.seen];
  }

  async #ask(node: ClusterNode): Promise<void> {
    while (this.#going) {
      this.seen.add(await readinessOf(node));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
