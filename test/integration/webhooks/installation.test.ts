import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { Webhook as Verifier } from 'standardwebhooks';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { type Receiver, respond, startReceiver, type Told } from '../../../lab/people/receiver.js';
import type { Webhook, WebhookEvent } from '../../../src/contract/webhooks.js';

const BOTH: WebhookEvent[] = ['answer.completed', 'answer.failed'];

const headersOf = ({ headers }: Told) => headers as Record<string, string>;
const idsOf = (told: readonly Told[]) => told.map((one) => headersOf(one)['webhook-id']);

describe('The webhook of the installation', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  let receiver: Receiver;
  let app: TestApp;

  before(async () => {
    receiver = await startReceiver();
    app = await startApp({
      LIMIT_SCALE: '0',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_URL: `${receiver.url}/all`,
      WEBHOOK_SECRET: secret,
    });
  });
  after(async () => {
    await app.stop();
    await receiver.stop();
  });

  it('is told of every answer, also of what its user looks at', async () => {
    const ada = await app.register('ada');
    const device = await app.device(ada);
    const sent = await device.ask('message:send', { client_id: 'c', content: 'go' });
    await device.ended(sent.assistant_message.id);
    const [told] = await receiver.until(1);
    if (!told) throw new Error('nothing was told');
    new Verifier(secret).verify(told.text, headersOf(told));
    expect(told.path).to.equal('/all');
    expect(told.payload.data).to.include({
      message_id: sent.assistant_message.id,
      user_id: ada.id,
    });
  });

  it('stays when its receiver says that it is gone, which ends only the delivery', async () => {
    const { token } = await app.register('bob');
    const before = receiver.told.length;
    receiver.script(respond(410));
    await app.call('/agent/chat', { token, body: { message: 'go' } });
    await eventually(
      () => app.rows('SELECT FROM webhook_deliveries'),
      (rows) => rows.length === 0 && receiver.told.length > before,
    );
    await app.call('/agent/chat', { token, body: { message: 'go on' } });
    await receiver.until(before + 2);
    const ids = idsOf(receiver.told.slice(before));
    expect(ids).to.have.length(2);
    expect(ids[0]).to.not.equal(ids[1]);
  });
});

describe('Where webhooks may lead', () => {
  let app: TestApp;
  let ann: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', LOG_LEVEL: 'info' });
    ann = await app.register('ann');
  });
  after(() => app.stop());

  it('is outside the network, unless an operator allows more', async () => {
    const refused: unknown[] = [];
    for (const url of ['https://127.0.0.1/', 'https://localhost/', 'http://example.com/']) {
      const body = { url, events: BOTH };
      const { status, body: problem } = await app.call('/users/me/webhooks', {
        token: ann.token,
        body,
      });
      refused.push([status, problem.code, problem.errors?.[0]?.path]);
    }
    expect(refused).to.deep.equal(Array(3).fill([422, 'validation_failed', 'url']));
  });

  it('is outside also for one that is there already', async () => {
    const connections: Socket[] = [];
    const inside = createServer((socket) => void connections.push(socket.destroy()));
    await once(inside.listen(0, '127.0.0.1'), 'listening');
    const { port } = inside.address() as AddressInfo;
    await app.rows(
      `INSERT INTO webhooks (id, user_id, url, host, events, secret)
       VALUES (gen_random_uuid(), $1, $2, 'h', $3, 'whsec_')`,
      [ann.id, `https://127.0.0.1:${port}/`, BOTH],
    );
    await app.call('/agent/chat', { token: ann.token, body: { message: 'hi' } });
    const failure = await app.logged('webhook delivery failed, will try again');
    expect(failure).to.include({ host: 'h', status: null, problem: 'refused address' });
    expect(connections).to.deep.equal([]);
    const list = async () =>
      (await app.call<Webhook[]>('/users/me/webhooks', { token: ann.token })).body;
    const [hook] = await eventually(list, ([one]) => one?.last_delivery != null);
    expect(hook?.last_delivery).to.include({ ok: false, status: null });
    inside.close();
  });
});
