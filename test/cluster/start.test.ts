import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';

describe('Three nodes that start at the same moment on an empty database', () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ empty: true });
  });
  after(() => cluster?.stop());

  it('all come up, and every migration has run once', async () => {
    for (const { url } of cluster.nodes) {
      expect((await fetch(`${url}/health/ready`)).status).to.equal(200);
    }
    const applied = await cluster.rows('SELECT name FROM "SequelizeMeta" ORDER BY name');
    const files = (await readdir('migrations')).sort();
    expect(applied.map(({ name }) => name)).to.deep.equal(files);
    const migrated = cluster.nodes.map(
      ({ process }) => process.logs.filter(({ msg }) => msg === 'schema migrated').length,
    );
    expect(migrated.toSorted()).to.deep.equal([0, 0, 1]);
  });

  it('know each other by their heartbeats', async () => {
    const rows = await cluster.rows('SELECT id FROM nodes');
    expect(rows.length).to.equal(3);
  });
});
