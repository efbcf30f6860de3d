import { startRedisCluster, type TestRedisCluster } from '../../lab/stores/redis-cluster.js';
import { startRedisNodes } from '../../lab/stores/redis-nodes.js';
import { delaysConformance } from './delays-suite.js';
import { engineConformance } from './engine-suite.js';
import { exactlyOnceConformance } from './exactly-once-suite.js';
import { followConformance } from './follow-suite.js';
import { paceConformance } from './pace-suite.js';
import { presenceConformance } from './presence-suite.js';

const PRESENCE_TTL_MS = 3_000;

describe('On a Cluster of three masters, the', () => {
  let cluster: TestRedisCluster;

  before(async () => {
    cluster = await startRedisCluster();
  });
  after(() => cluster.stop());

  engineConformance('redis', () => startRedisNodes(cluster.url));
  delaysConformance('redis', () => startRedisNodes(cluster.url));
  exactlyOnceConformance('redis', () => startRedisNodes(cluster.url));
  followConformance('redis', () => startRedisNodes(cluster.url));
  paceConformance('redis', () => startRedisNodes(cluster.url));
  presenceConformance('redis', () =>
    startRedisNodes(cluster.url, cluster.url, { presenceTtlMs: PRESENCE_TTL_MS }),
  );
});
