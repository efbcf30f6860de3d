import { answer, type Behaviour, startUpstream, status } from '../lab/models/scripted-upstream.js';
import { type Product, startProduct } from '../lab/nodes/process.js';
import type { Account } from '../lab/people/rest.js';
import { createClient } from '../lab/stores/client.js';
import { createTestDatabase } from '../lab/stores/database.js';
import { freePort } from '../lab/stores/redis.js';
import { HeapWatch } from './heap.js';

export interface Stage {
  url: string;
  node: Product;
  heap: HeapWatch;
  /** Makes every fourth account an administrator. */
  admit(account: Account): Promise<void>;
  stop(): Promise<void>;
}

const ENV = {
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
  OPENAI_MODEL: 'test-model',
  AUTO_TITLE: 'false',
  OPENAI_API_KEY: 'sk-test-key',
  PROVIDER_MAX_RETRIES: '0',
  LIMIT_SCALE: '0',
  STREAM_FLUSH_MS: '5',
};

const GRANT = `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`;

const TEXT = ['Hello ', 'there.'];

/** Some requests are refused, and some answers reach their maximum length, so that they can be continued. */
function behaviourOf(asked: number): Behaviour {
  if (asked % 50 === 0) return status(400);
  return answer(TEXT, { finishReason: asked % 3 === 0 ? 'length' : 'stop' });
}

/** A real node with its own database, and a model that answers at once and fails sometimes. */
export async function openStage(): Promise<Stage> {
  const [database, upstream, port] = await Promise.all([
    createTestDatabase(),
    startUpstream(),
    freePort(),
  ]);
  let asked = 0;
  upstream.otherwise((response, request) => {
    asked += 1;
    upstream.requests.length = 0;
    return behaviourOf(asked)(response, request);
  });
  const node = await startProduct({
    ...ENV,
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: upstream.url,
    NODE_OPTIONS: `--inspect=127.0.0.1:${port} --inspect-publish-uid=http`,
  });
  const heap = await HeapWatch.open(port);
  const sql = createClient(database.url);
  await sql.connect();
  let arrived = 0;
  return {
    url: node.url,
    node,
    heap,
    async admit({ id }) {
      arrived += 1;
      if (arrived % 4 === 0) await sql.query(GRANT, [id]);
    },
    async stop() {
      // The node would wait for an attached debugger to disconnect.
      heap.close();
      node.kill('SIGINT');
      await node.exit;
      await upstream.stop();
      await sql.end();
      await database.drop();
    },
  };
}
