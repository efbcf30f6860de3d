import { expect } from 'chai';
import { eventually } from '../eventually.js';
import type { Cluster } from './cluster.js';
import type { ClusterNode } from './cluster-node.js';

const ERROR = 50;

/** The lines that one node has logged since a moment, and whether it still runs. */
export class NodeWatch {
  readonly node: ClusterNode;
  #pid: number;
  #from: number;

  constructor(node: ClusterNode) {
    this.node = node;
    this.#pid = node.pid;
    this.#from = node.process.logs.length;
  }

  get lines() {
    return this.node.process.logs.slice(this.#from);
  }

  /** Resolves when the node has logged this. */
  async logs(message: string): Promise<void> {
    await eventually(
      () => this.lines.map(({ msg }) => msg),
      (said) => said.includes(message),
    );
  }

  /** Expects that the same process still runs and has logged no defect of its own. */
  expectSound(): void {
    expect(this.node.pid).to.equal(this.#pid);
    expect(this.node.process.ended).to.equal(false);
    expect(this.lines.filter(({ level }) => Number(level) >= ERROR)).to.deep.equal([]);
  }
}

/** Watches all nodes during each test of the surrounding suite: whatever fails, none of them may end. */
export function watchNodes(cluster: () => Cluster): (index: number) => NodeWatch {
  let watches: NodeWatch[] = [];
  beforeEach(() => {
    watches = cluster().nodes.map((node) => new NodeWatch(node));
  });
  afterEach(() => {
    for (const watch of watches) watch.expectSound();
  });
  return (index) => {
    const watch = watches[index];
    if (!watch) throw new Error(`no node ${index}`);
    return watch;
  };
}
