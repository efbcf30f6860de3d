import { startRedis, type TestRedis } from '../../lab/stores/redis.js';
import { startRedisNodes } from '../../lab/stores/redis-nodes.js';
import { delaysConformance } from './delays-suite.js';
import { engineConformance } from './engine-suite.js';
import { exactlyOnceConformance } from './exactly-once-suite.js';
import { followConformance } from './follow-suite.js';
import { paceConformance } from './pace-suite.js';
import { presenceConformance } from './presence-suite.js';

const PRESENCE_TTL_MS = 3_000;

describe('On one Redis, the', () => {
  let redis: TestRedis;

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  engineConformance('redis', () => startRedisNodes(redis.url));
  delaysConformance('redis', () => startRedisNodes(redis.url));
  exactlyOnceConformance('redis', () => startRedisNodes(redis.url));
  followConformance('redis', () => startRedisNodes(redis.url));
  paceConformance('redis', () => startRedisNodes(redis.url));
  presenceConformance('redis', () =>
    startRedisNodes(redis.url, redis.url, { presenceTtlMs: PRESENCE_TTL_MS }),
  );
});
