import { once } from 'node:events';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import type { Account } from '../../../lab/people/rest.js';
import { createClient } from '../../../lab/stores/client.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { startTcpProxy, type TcpProxy } from '../../../lab/stores/tcp-proxy.js';
import { expectNoRejections } from '../../support/rejections.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

describe('while Postgres is away', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let app: TestApp;
  let ada: Account;
  let device: Device;

  beforeEach(async () => {
    database = await createTestDatabase();
    const url = new URL(database.url);
    proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    url.hostname = '127.0.0.1';
    app = await startApp({ DATABASE_URL: url.href });
    ada = await app.register('ada');
    device = await app.device(ada);
  });
  afterEach(async () => {
    proxy.heal();
    await app.stop();
    await proxy.stop();
    await database.drop();
  });
  expectNoRejections();

  const begin = async () => {
    const held = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'first', content: 'q' });
    held.write('one ');
    await device.until('message:delta');
    return { held, sent, message_id: sent.assistant_message.id };
  };

  it('an answer streams on to its end and is stored when Postgres is back', async () => {
    const { held, message_id } = await begin();
    proxy.cut();
    held.write('two ');
    await device.until('message:delta', (d) => d.text.includes('two'));
    held.finish();
    await held.closed;
    await app.logged('database away, will try again');
    proxy.heal();
    expect(await device.ended(message_id)).to.include({ status: 'completed', attempt: 1 });
    expect(app.upstream.requests).to.have.length(1);
  });

  const complete = async () => {
    const held = app.upstream.next();
    const answer = app.call<object>('/v1/chat/completions', {
      token: ada.token,
      body: { model: 'test-model', messages: [{ role: 'user', content: 'q' }] },
    });
    await held.opened;
    return { answer, end: () => held.finish({ usage: USAGE }) };
  };
  /** Asks Postgres directly, not by the node's way to it. */
  const used = async () => {
    const sql = createClient(database.url);
    await sql.connect();
    const { rows } = await sql.query<{ tokens: number; held: number }>(
      `SELECT (SELECT sum(tokens)::integer FROM usage_days WHERE user_id = $1) AS tokens,
        (SELECT count(*)::integer FROM usage_reservations WHERE user_id = $1) AS held`,
      [ada.id],
    );
    await sql.end();
    return rows;
  };

  it('a completion ends, and is charged when Postgres is back', async () => {
    const { answer, end } = await complete();
    proxy.cut();
    end();
    expect((await answer).status).to.equal(200);
    await app.logged('database away, will try again');
    proxy.heal();
    await app.logged('a charge was counted late');
    expect(await used()).to.deep.equal([{ tokens: USAGE.total_tokens, held: 0 }]);
  });

  it('a completion that the model refuses ends without a charge, also when Postgres is back', async () => {
    const refused = new AbortController();
    const asked = new Promise<void>((resolve) => {
      app.upstream.script(async (response) => {
        resolve();
        await once(refused.signal, 'abort');
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{}}');
      });
    });
    const body = { model: 'test-model', messages: [{ role: 'user', content: 'q' }] };
    const answer = app.call<object>('/v1/chat/completions', { token: ada.token, body });
    await asked;
    proxy.cut();
    refused.abort();
    expect((await answer).status).to.equal(400);
    await app.logged('database away, will try again');
    proxy.heal();
    await eventually(used, ([row]) => row?.held === 0);
    expect(await used()).to.deep.equal([{ tokens: null, held: 0 }]);
  });

  it('a completion is charged once though Postgres’ reply was lost', async () => {
    const { answer, end } = await complete();
    proxy.mute(() => true);
    end();
    await eventually(used, ([row]) => row?.held === 0);
    expect((await answer).status).to.equal(200);
    proxy.heal();
    await app.logged('a charge was counted late');
    expect(await used()).to.deep.equal([{ tokens: USAGE.total_tokens, held: 0 }]);
  });

  it('requests are refused as unavailable, on every transport, and work again afterwards', async () => {
    proxy.cut();
    const send = { client_id: 'later', content: 'q' };
    const ack = await device.emit('message:send', send);
    expect(ack).to.have.nested.property('error.code', 'unavailable');
    expect(ack).to.have.nested.property('error.retry_after_ms');
    const calls = [
      app.call('/auth/login', { body: { email: ada.email, password: ada.password } }),
      app.call('/agent/conversations', { token: ada.token }),
      app.call('/agent/chat', { token: ada.token, body: { message: 'q' } }),
    ];
    for (const { status, body } of await Promise.all(calls)) {
      expect([status, body.code]).to.deep.equal([503, 'unavailable']);
    }
    expect((await app.call('/health/ready')).status).to.equal(503);
    proxy.heal();
    const sent = await eventually(
      () => device.emit('message:send', send),
      ({ ok }) => ok,
    );
    if (!sent.ok) throw new Error(sent.error.code);
    expect(await device.ended(sent.data.assistant_message?.id ?? 0)).to.include({
      status: 'completed',
    });
    expect((await app.call('/health/ready')).status).to.equal(200);
  });

  it('a stop is refused and the stream goes on', async () => {
    const { held, message_id } = await begin();
    proxy.cut();
    const ack = await device.emit('generation:stop', { message_id });
    expect(ack).to.have.nested.property('error.code', 'unavailable');
    proxy.heal();
    held.finish();
    expect(await device.ended(message_id)).to.include({ status: 'completed' });
  });
});
