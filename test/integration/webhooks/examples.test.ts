import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { runModule, runPython } from '../../../lab/nodes/example.js';
import { freePort } from '../../../lab/stores/redis.js';
import type { ChatResponse } from '../../../src/contract/rest.js';
import type { NewWebhook } from '../../../src/contract/webhooks.js';
import { fence, readText } from '../../support/markdown.js';

const LANGUAGES = [
  { name: 'Node', info: 'js receiver', run: runModule },
  { name: 'Python', info: 'python receiver', run: runPython },
];

const listens = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const opened = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  const result = await opened;
  socket.destroy();
  return result;
};

describe('A receiver of webhooks as docs/clients.md shows it', () => {
  let app: TestApp;
  let ann: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', WEBHOOK_ALLOW_PRIVATE: 'true' });
    ann = await app.register('ann');
  });
  after(() => app.stop());

  for (const { name, info, run } of LANGUAGES) {
    it(`verifies what comes, in ${name}, and refuses the rest`, async () => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const body = { url, events: ['answer.completed'] };
      const { token } = ann;
      const made = await app.call<NewWebhook>('/users/me/webhooks', { token, body });
      const { id, secret } = made.body;
      const over = new AbortController();
      const env = { PORT: String(port), SECRET: secret };
      const example = run(fence(await readText('docs/clients.md'), info), {
        env,
        signal: over.signal,
      });
      await eventually(() => listens(port), Boolean);
      const now = String(Math.floor(Date.now() / 1000));
      const signature = { 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };
      const headers = { 'webhook-id': 'msg_x', 'webhook-timestamp': now, ...signature };
      const forged = await fetch(url, { method: 'POST', body: '{}', headers });
      expect(forged.status).to.equal(401);
      const asked = await app.call<ChatResponse>('/agent/chat', { token, body: { message: 'go' } });
      await example.printed(`answer.completed ${asked.body.message_id}\n`);
      over.abort();
      await app.call(`/users/me/webhooks/${id}`, { method: 'DELETE', token });
    });
  }
});
