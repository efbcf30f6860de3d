import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';

/** Refused requests that are answered at once, and those that are delayed after them. */
const PROMPT = 100;
const HELD = 100;
const HOLD_MS = 1_000;

interface Reply {
  status: number;
  connection: string | undefined;
  ms: number;
}

describe('The door of a node', () => {
  let app: TestApp;
  afterEach(() => app?.stop());

  const open = async (env: Record<string, string> = {}) => {
    app = await startApp({ TRUST_PROXY: 'true', ADDRESS_REQUESTS_PER_SECOND: '1', ...env });
  };

  const get = async (address: string): Promise<Reply> => {
    const began = performance.now();
    const headers = { 'x-forwarded-for': address };
    const call = request(`${app.url}/health`, { headers, agent: false }).end();
    const [response]: IncomingMessage[] = await once(call, 'response');
    const ms = performance.now() - began;
    response?.resume();
    return { status: response?.statusCode ?? 0, connection: response?.headers.connection, ms };
  };

  const getMany = (count: number, address: string) =>
    Promise.all(Array.from({ length: count }, () => get(address)));

  it('refuses with a problem that says when to come back, whatever is asked for', async () => {
    await open();
    await getMany(10, '192.0.2.1');
    for (const path of ['/users/me', '/socket.io/?EIO=4&transport=polling']) {
      const headers = { 'x-forwarded-for': '192.0.2.1', 'accept-language': 'zh' };
      const { status, headers: sent, body } = await app.call(path, { headers });
      expect(status).to.equal(429);
      expect(body).to.include({ code: 'rate_limited', retryable: true, status: 429 });
      expect(body.request_id).to.equal(sent.get('x-request-id'));
      expect(sent.get('content-type')).to.include('application/problem+json');
      expect(sent.get('content-language')).to.equal('zh-CN');
      expect(Number(sent.get('retry-after'))).to.be.above(0);
    }
  });

  it('holds back the refusals of whoever goes on, and closes what is more than it holds', async () => {
    await open();
    const began = performance.now();
    await getMany(10, '192.0.2.1');
    const replies = await getMany(PROMPT + HELD + 50, '192.0.2.1');
    const refused = replies.filter(({ status }) => status === 429);
    // One per second is let in.
    expect(replies.length - refused.length).to.be.at.most((performance.now() - began) / 1_000 + 1);
    const held = refused.filter(({ ms }) => ms >= HOLD_MS * 0.9);
    expect(held.length).to.be.above(HELD / 2);
    expect((await get('192.0.2.2')).status).to.equal(200);
  });

  it('gives an address what it may have, but not all of it at once', async () => {
    await open({ ADDRESS_REQUESTS_PER_SECOND: '1000' });
    const shake = async () => {
      const began = performance.now();
      const headers = { 'x-forwarded-for': '192.0.2.1' };
      const { status } = await app.call('/socket.io/?EIO=4&transport=polling', { headers });
      return { status, ms: performance.now() - began };
    };
    const shakes = await Promise.all(Array.from({ length: 80 }, shake));
    expect(new Set(shakes.map(({ status }) => status))).to.deep.equal(new Set([200]));
    // Twenty at once, then fifty per second.
    expect(Math.max(...shakes.map(({ ms }) => ms))).to.be.above(900);
  });

  /** An upgrade from a refused address, on a connection that is cut during the response. */
  const cutUpgrade = async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n' +
        'Upgrade: websocket\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n',
    );
    await new Promise((sent) => setImmediate(sent));
    socket.resetAndDestroy();
  };

  it('survives refused upgrades whose connection is gone', async () => {
    await open();
    await getMany(10, '192.0.2.1');
    await Promise.all(Array.from({ length: PROMPT + 30 }, cutUpgrade));
    // A request that is delayed itself: all earlier ones have had their responses. One per second is let in.
    const { ms } = await eventually(
      () => get('192.0.2.1'),
      ({ status }) => status === 429,
    );
    expect(ms).to.be.at.least(HOLD_MS * 0.9);
    expect((await get('192.0.2.2')).status).to.equal(200);
  });
});
