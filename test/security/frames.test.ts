import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { type RawData, WebSocket } from 'ws';
import { eventually } from '../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import type { Device } from '../../lab/people/device.js';

/** The server closes the connection after each of these, or continues as if nothing had come. */
const FRAMES = [
  ...[
    '9',
    'x',
    '4',
    '40{',
    '42',
    '42{}',
    '42[',
    '42[1]',
    '42[null]',
    '42[]',
    '47',
    '451-["x"',
    '45-',
  ],
  ...[
    '451-["x",{"_placeholder":true,"num":9}]',
    '450-["x"]',
    '4599999999-["x",{"_placeholder":true,"num":0}]',
  ],
  ...[
    '42["connect"]',
    '42["disconnect"]',
    '42["disconnecting"]',
    '42["error",{}]',
    '42["newListener",{}]',
  ],
  ...[
    '42["__proto__",{}]',
    '42["constructor",{}]',
    '42["toString"]',
    '430[]',
    '439999["x"]',
    '44{}',
  ],
  ...[
    '42999999999999999999["conversation:list",{}]',
    '42/admin,["x"]',
    '40/admin,',
    '41/x,',
    '4\u0000\uffff',
  ],
  `42["x",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
  `42["${'x'.repeat(200_000)}"]`,
];

const HTTP: [what: string, bytes: string, answer: RegExp][] = [
  ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}', /^HTTP\/1\.1 400/],
  [
    'a length and chunks',
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    /^HTTP\/1\.1 400/,
  ],
  ['a negative length', 'Content-Length: -1\r\n\r\n', /^HTTP\/1\.1 400/],
  ['a length with a sign', 'Content-Length: +1\r\n\r\nx', /^HTTP\/1\.1 400/],
  ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', /^HTTP\/1\.1 (400|501)/],
  [
    'chunks before another coding',
    'Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
    /^HTTP\/1\.1 400/,
  ],
  ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n', /^HTTP\/1\.1 400/],
  ['a folded header', 'X: a\r\n Content-Length: 9\r\n\r\n', /^HTTP\/1\.1 400/],
  ['a space before the colon', 'Content-Length : 0\r\n\r\n', /^HTTP\/1\.1 400/],
  ['a bare line feed', 'X: a\nContent-Length: 5\r\n\r\n', /^HTTP\/1\.1 400/],
  ['a header of 20 KB', `X: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
];

describe('connections that do not keep to the protocol', () => {
  let app: TestApp;
  let ada: Account;
  let other: Device;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    other = await app.device(ada);
  });
  after(() => app.stop());

  /** The node continues, for an earlier socket and for new ones. */
  const goesOn = async () => {
    expect(await other.ask('conversation:list', {})).to.have.property('conversations');
    expect((await app.call('/health/ready')).status).to.equal(200);
  };

  const engine = (scheme: string, transport: string) =>
    `${app.url.replace('http', scheme)}/socket.io/?EIO=4&transport=${transport}`;

  const websocket = async (loggedIn: boolean): Promise<WebSocket> => {
    const socket = new WebSocket(engine('ws', 'websocket'));
    socket.on('error', () => {});
    await once(socket, 'message');
    if (!loggedIn) return socket;
    socket.send(`40${JSON.stringify({ token: ada.token })}`);
    await once(socket, 'message');
    return socket;
  };

  /** Whether the connection ended; otherwise it has answered an honest event. */
  const outcome = (socket: WebSocket): Promise<'closed' | 'open'> =>
    new Promise((resolve) => {
      socket.on('close', () => resolve('closed'));
      socket.on('message', (data: RawData) => /^(43|44)/.test(String(data)) && resolve('open'));
      if (socket.readyState === WebSocket.OPEN) socket.send('4277["conversation:list",{}]');
    });

  it('cost nobody else anything, frame by frame, logged in or not', async () => {
    for (const loggedIn of [true, false]) {
      const outcomes = await Promise.all(
        FRAMES.map(async (frame) => {
          const socket = await websocket(loggedIn);
          socket.send(frame);
          const end = await outcome(socket);
          socket.terminate();
          return end;
        }),
      );
      expect(outcomes.filter((end) => end === 'closed').length).to.be.greaterThan(8);
      await goesOn();
    }
  });

  it('are closed when binary data comes that nobody announced', async () => {
    const socket = await websocket(true);
    socket.send(Buffer.from([0, 1, 2]));
    expect(await outcome(socket)).to.equal('closed');
    await goesOn();
  });

  it('are refused when they ask for another version, transport or session', async () => {
    for (const query of [
      'EIO=3&transport=polling',
      'EIO=4&transport=x',
      'EIO=4&transport=polling&sid=none',
      '',
    ]) {
      const { status } = await app.call(`/socket.io/?${query}`);
      expect(status, query).to.be.oneOf([400, 403]);
    }
    const { status } = await app.call('/socket.io/?EIO=4&transport=polling', {
      method: 'PUT',
      body: '{}',
    });
    expect(status).to.be.within(400, 499);
  });

  it('are ended when a polled packet makes no sense, and refused above the size limit', async () => {
    const { body } = await app.call<string>('/socket.io/?EIO=4&transport=polling');
    const session = `/socket.io/?EIO=4&transport=polling&sid=${JSON.parse(body.slice(1)).sid}`;
    const post = async (packets: string) => {
      const headers = { 'content-type': 'text/plain' };
      return (await app.call(session, { method: 'POST', body: packets, headers })).status;
    };
    expect(await post('x'.repeat(300_000))).to.equal(413);
    expect(await post('4\u001e\u001e9')).to.equal(200);
    // The packets that still waited for it, at the end the goodbye.
    await app.call(session);
    expect((await app.call(session)).status).to.equal(400);
    await goesOn();
  });

  const raw = async (bytes: string): Promise<{ socket: Socket; text: () => string }> => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.write(bytes, 'latin1');
    return { socket, text: () => text };
  };

  for (const [what, bytes, answer] of HTTP) {
    it(`are refused and closed after a request with ${what}, and nothing behind it is read`, async () => {
      const head = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
      const smuggled = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';
      const { socket, text } = await raw(head + bytes + smuggled);
      await once(socket, 'close');
      expect(text()).to.match(answer);
      expect(text()).to.not.include('healthy');
    });
  }

  it('are closed when their request does not come to an end', async () => {
    const served = channel('http.server.request.start');
    const servers: Server[] = [];
    const note = (message: unknown) => void servers.push(Object(message).server);
    served.subscribe(note);
    await app.call('/health');
    served.unsubscribe(note);
    const server = servers.find(
      (one) => Object(one.address()).port === Number(new URL(app.url).port),
    );
    expect(server).to.include({ headersTimeout: 15_000, requestTimeout: 60_000 });
    Object.assign(server ?? {}, { headersTimeout: 100 });
    const { socket, text } = await raw('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await once(socket, 'close');
    expect(text()).to.match(/^HTTP\/1\.1 408/);
    Object.assign(server ?? {}, { headersTimeout: 15_000 });
    await eventually(
      () => other.socket.connected,
      (connected) => connected,
    );
  });
});
