import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { io } from 'socket.io-client';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { type Balancer, startBalancer } from '../../../lab/nodes/balancer.js';
import { RawConnection } from '../../../lab/people/raw-http.js';

const HOST = 'Host: parley.example';
const PAGE = 'https://page.example';
const KEY = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
const POLL = '/socket.io/?EIO=4&transport=polling';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';

/** Upgrades and expectations that a server need not fulfil. */
const WISHES: Record<string, string[]> = {
  'h2c, as Java’s client': [
    'Connection: Upgrade, HTTP2-Settings',
    'HTTP2-Settings: AAEAAEAAAAIAAAAB',
    'Upgrade: h2c',
  ],
  'h2c in other letters': ['connection: upgrade', 'UPGRADE: H2C'],
  'h2c, of which Connection says nothing': ['Upgrade: h2c'],
  websocket: ['Connection: Upgrade', 'Upgrade: websocket', ...KEY],
  'websocket or h2c': ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket, h2c', ...KEY],
  'TLS, in two lines': ['Connection: Upgrade', 'Upgrade: TLS/1.0', 'Upgrade: h2c'],
  nothing: ['Connection: Upgrade', 'Upgrade: '],
  'an unknown expectation': ['Expect: 200-ok'],
};

describe('What is no websocket', () => {
  let app: TestApp;
  let ada: Account;
  let connection: RawConnection;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', CORS_ORIGINS: PAGE });
    ada = await app.register('ada');
  });
  after(() => app.stop());
  beforeEach(() => {
    connection = new RawConnection(app.url);
  });
  afterEach(() => connection.close());

  const login = () => JSON.stringify({ email: ada.email, password: ada.password });
  const chunked = (text: string) => {
    const [a, b] = [text.slice(0, 9), text.slice(9)];
    const size = (part: string) => part.length.toString(16);
    return [size(a), a, size(b), b, '0', '', ''].join('\r\n');
  };
  const isLoggedIn = ({ status, body }: { status: number; body: string }) => {
    expect(status).to.equal(200);
    expect(JSON.parse(body).user.username).to.equal('ada');
  };

  for (const [wish, lines] of Object.entries(WISHES)) {
    describe(`is answered as plain HTTP though it wishes for ${wish}`, () => {
      const get = (target: string) => [`GET ${target} HTTP/1.1`, HOST, ...lines, '', ''];

      it('by GET and HEAD, and the connection goes on', async () => {
        connection.send(...get('/health'));
        const { status, body } = await connection.answer();
        expect([status, body]).to.deep.equal([200, '{"status":"healthy"}']);
        connection.send('HEAD /health HTTP/1.1', HOST, ...lines, '', '');
        expect((await connection.answer(false)).status).to.equal(200);
        connection.send('PUT /health HTTP/1.1', HOST, ...lines, 'Content-Length: 3', '', 'abc');
        expect((await connection.answer()).status).to.equal(404);
        connection.send(...get('/users/me'));
        expect((await connection.answer()).status).to.equal(401);
      });

      it('with a body of known and of unknown length, in one piece and in many', async () => {
        const length = `Content-Length: ${login().length}`;
        const post = [
          'POST /auth/login HTTP/1.1',
          HOST,
          ...lines,
          'Content-Type: application/json',
        ];
        connection.send(...post, length, '', login());
        isLoggedIn(await connection.answer());
        connection.send(...post, 'Transfer-Encoding: chunked', '', chunked(login()));
        isLoggedIn(await connection.answer());
        connection.send(...post, length, '', login().slice(0, 5));
        await new Promise<void>((resolve) => setImmediate(resolve));
        connection.send(login().slice(5));
        isLoggedIn(await connection.answer());
      });

      it('with others in front of it and behind it', async () => {
        const post = [
          'POST /auth/login HTTP/1.1',
          HOST,
          'Content-Type: application/json',
          `Content-Length: ${login().length}`,
          '',
          login(),
        ].join('\r\n');
        connection.send(`${post}${get('/health').join('\r\n')}${get('/no').join('\r\n')}${post}`);
        isLoggedIn(await connection.answer());
        expect((await connection.answer()).status).to.equal(200);
        expect((await connection.answer()).status).to.equal(404);
        isLoggedIn(await connection.answer());
      });

      it('where it polls, also from a page of another origin', async () => {
        connection.send(`GET ${POLL} HTTP/1.1`, HOST, ...lines, `Origin: ${PAGE}`, '', '');
        const { status, headers, body } = await connection.answer();
        expect([status, headers.get('access-control-allow-origin')]).to.deep.equal([200, PAGE]);
        const { sid } = JSON.parse(body.slice(1));
        const post = ['HTTP/1.1', HOST, ...lines, 'Content-Length: 2', '', '40'].join('\r\n');
        connection.send(`POST ${POLL}&sid=${sid} ${post}`);
        expect((await connection.answer()).body).to.equal('ok');
        connection.send(...get(`${POLL}&sid=${sid}`));
        expect((await connection.answer()).body).to.match(/^44/);
      });
    });
  }

  it('is a request for a socket that does not keep to the form of one, and the connection goes on', async () => {
    const wish = WISHES.websocket ?? [];
    for (const [method, version, more, body] of [
      ['POST', '1.1', [], ''],
      ['GET', '1.0', [], ''],
      ['GET', '1.1', ['Content-Length: 2'], '40'],
    ] as const) {
      const raw = new RawConnection(app.url);
      raw.send(`${method} ${SOCKET} HTTP/${version}`, HOST, ...wish, ...more, '', body);
      const { status, headers } = await raw.answer();
      const connection = version === '1.1' ? 'keep-alive' : 'close';
      expect([status, headers.get('connection')]).to.deep.equal([400, connection]);
      raw.close();
    }
  });

  it('is a request for a socket of another revision, which is told so', async () => {
    for (const revision of ['', 'EIO=3&', 'EIO=5&', 'EIO=&', 'EIO=04&']) {
      const raw = new RawConnection(app.url);
      const target = `/socket.io/?${revision}transport=websocket`;
      raw.send(`GET ${target} HTTP/1.1`, HOST, ...(WISHES.websocket ?? []), '', '');
      expect((await raw.answer()).status, target).to.equal(400);
      raw.close();
    }
  });

  it('goes on past many such requests on one connection, with no listener left behind', async () => {
    const request = ['GET /health HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: h2c', '', ''];
    const warned: string[] = [];
    const note = ({ message }: Error) => warned.push(message);
    process.on('warning', note);
    for (let i = 0; i < 30; i++) {
      connection.send(...request);
      expect((await connection.answer()).status).to.equal(200);
    }
    process.off('warning', note);
    expect(warned).to.deep.equal([]);
  });

  it('is asked to go on with its body, and has it read', async () => {
    connection.send(
      'POST /auth/login HTTP/1.1',
      HOST,
      ...(WISHES['h2c in other letters'] ?? []),
      'Expect: 100-continue',
      'Content-Type: application/json',
      `Content-Length: ${login().length}`,
      '',
      '',
    );
    expect((await connection.answer()).status).to.equal(100);
    connection.send(login());
    isLoggedIn(await connection.answer());
  });

  it('is a tunnel, for which there is no route', async () => {
    connection.send('CONNECT parley.example:443 HTTP/1.1', HOST, '', '');
    const { status, body } = await connection.answer();
    expect([status, JSON.parse(body).code]).to.deep.equal([404, 'not_found']);
    await connection.closed();
  });

  it('has all its headers seen, however many', async () => {
    const many = Array.from({ length: 1_500 }, (_, i) => `a${i}: `);
    connection.send('POST /auth/login HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: h2c');
    connection.send(
      '',
      ...many,
      'Content-Type: application/json',
      `Content-Length: ${login().length}`,
    );
    connection.send('', '', login());
    isLoggedIn(await connection.answer());
  });

  it('leaves websockets as they are, whatever else they would take', async () => {
    for (const upgrade of ['websocket', 'WebSocket', 'h2c, websocket']) {
      const raw = new RawConnection(app.url);
      raw.send(`GET ${SOCKET} HTTP/1.1`, HOST, 'Connection: upgrade', `Upgrade: ${upgrade}`);
      raw.send('', ...KEY, '', '');
      expect((await raw.answer()).status, upgrade).to.equal(101);
      raw.close();
    }
    const socket = io(app.url, { transports: ['websocket'], auth: { token: ada.token } });
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.close();
  });

  it('does not let a websocket overtake what was asked before it', async () => {
    const before = ['GET /users/me HTTP/1.1', HOST, `Authorization: Bearer ${ada.token}`, '', ''];
    const upgrade = [`GET ${SOCKET} HTTP/1.1`, HOST, 'Connection: upgrade', 'Upgrade: websocket'];
    connection.send(before.join('\r\n') + [...upgrade, ...KEY, '', ''].join('\r\n'));
    expect((await connection.answer()).status).to.equal(200);
    expect((await connection.answer()).status).to.equal(101);
  });

  for (const kind of ['nginx', 'haproxy'] as const) {
    describe(`behind the shipped ${kind}`, () => {
      let balancer: Balancer;
      let front: RawConnection;
      before(async () => {
        balancer = await startBalancer(kind, Array(3).fill(new URL(app.url).host));
      });
      after(() => balancer?.stop());
      beforeEach(() => {
        front = new RawConnection(balancer.url);
      });
      afterEach(() => front.close());

      for (const [wish, lines] of Object.entries(WISHES)) {
        it(`is answered with its body, though it wishes for ${wish}`, async () => {
          const get = (target: string) => [`GET ${target} HTTP/1.1`, HOST, ...lines, '', ''];
          front.send(...get('/users/me'));
          expect((await front.answer()).status).to.equal(401);
          const length = `Content-Length: ${login().length}`;
          const type = 'Content-Type: application/json';
          front.send('POST /auth/login HTTP/1.1', HOST, ...lines, type, length, '', login());
          isLoggedIn(await front.answer());
          front.send(...get(POLL));
          expect((await front.answer()).body).to.match(/^0{"sid"/);
        });
      }

      it('does not keep a websocket from being one', async () => {
        for (const upgrade of ['websocket', 'WebSocket', 'h2c, websocket']) {
          const raw = new RawConnection(balancer.url);
          raw.send(`GET ${SOCKET} HTTP/1.1`, HOST, 'Connection: upgrade', `Upgrade: ${upgrade}`);
          raw.send('', ...KEY, '', '');
          expect((await raw.answer()).status, upgrade).to.equal(101);
          raw.close();
        }
        const socket = io(balancer.url, { transports: ['websocket'], auth: { token: ada.token } });
        await new Promise<void>((resolve) => socket.once('connect', resolve));
        socket.close();
      });
    });
  }

  for (const kind of ['nginx', 'haproxy'] as const) {
    it(`is told to a node by ${kind} only where it is for a socket`, async () => {
      const told = createServer(({ headers }, response) => {
        response.end(headers.upgrade ?? 'none');
      });
      await once(told.listen(0, '127.0.0.1'), 'listening');
      const { port } = told.address() as AddressInfo;
      const balancer = await startBalancer(kind, Array(3).fill(`127.0.0.1:${port}`));
      const front = new RawConnection(balancer.url);
      const ask = async (target: string, upgrade: string) => {
        front.send(`GET ${target} HTTP/1.1`, HOST, 'Connection: upgrade', `Upgrade: ${upgrade}`);
        return (await front.send('', ...KEY, '', '').answer()).body;
      };
      expect(await ask('/', 'websocket')).to.equal('none');
      expect(await ask('/agent/models', 'h2c')).to.equal('none');
      expect(await ask(POLL, 'h2c')).to.equal('none');
      expect(await ask(SOCKET, 'websocket')).to.equal('websocket');
      front.close();
      await balancer.stop();
      told.close();
    });
  }
});
