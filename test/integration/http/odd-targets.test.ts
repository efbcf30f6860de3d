import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { RawConnection } from '../../../lab/people/raw-http.js';

const MOST = 2;
const WEBSOCKET = [
  'Host: parley.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
  '',
];
const PLAIN = ['Host: parley.example', '', ''];

/** `T` stands for a transport. Each target has several readers: the door, the drain, Engine.IO, Express and proxies. */
const TARGETS = [
  '/socket.io/?EIO=4&transport=T',
  '/socket.io/?EIO=4&transport=T&sid=',
  '/socket.io/?EIO=4&transport=T&sid',
  '/socket.io/?sid=&EIO=4&transport=T',
  '/socket.io/?EIO=4&transport=T&sid=&sid=',
  '/socket.io/?EIO=4&transport=T&sid=x&sid=',
  '/socket.io/?EIO=4&transport=T&sid=&sid=x',
  '/socket.io/?EIO=4&transport=T&sid[]=x',
  '/socket.io/?EIO=4&transport=T&sid%5B0%5D=x',
  '/socket.io/?EIO=4&transport=T&SID=x',
  '/socket.io/?EIO=4&transport=T&%73id=',
  '/socket.io/?EIO=4&transport=T&%73id=x',
  '/socket.io/?EIO=4&transport=T;sid=x',
  '/socket.io/?EIO=4;sid=x&transport=T',
  '/socket.io/?EIO=4&transport=T#&sid=x',
  '/socket.io/?EIO=4&transport=T%23&sid=x',
  '/socket.io/#?sid=x?EIO=4&transport=T',
  '/socket.io/?EIO=4&transport=T&__proto__[sid]=x',
  '/socket.io/?EIO=4&transport=T&__proto__=x&constructor=x',
  '/socket.io/?EIO=3&EIO=4&transport=T',
  '/socket.io/?EIO=4&EIO=4&transport=T',
  '/socket.io/?EIO=4&transport=polling&transport=T',
  '/socket.io/?EIO=4&transport[]=T',
  '/socket.io/?EIO=4&transport=T&transport=T',
  '/socket.io/?EIO=4&%74ransport=T',
  '/socket.io/?&&EIO=4&&transport=T&',
  '/socket.io/??EIO=4&transport=T&sid=x',
  '/socket.io/?sid=x?EIO=4&transport=T&sid=',
  '/socket.io/?EIO=4&transport=T&sid=%00',
  '/socket.io/?EIO=4&transport=T&sid=%',
  '/socket.io/sid=x/?EIO=4&transport=T',
  '/socket.io/&sid=x?EIO=4&transport=T',
  '/socket.io/../socket.io/?EIO=4&transport=T',
  '/socket.io//?EIO=4&transport=T',
  '//socket.io/?EIO=4&transport=T',
  '//x/socket.io/?EIO=4&transport=T',
  '/./socket.io/?EIO=4&transport=T',
  '/socket%2Eio/?EIO=4&transport=T',
  '/Socket.IO/?EIO=4&transport=T',
  '/socket.io?EIO=4&transport=T',
  'http://parley.example/socket.io/?EIO=4&transport=T',
  'HTTP://parley.example/socket.io/?EIO=4&transport=T&sid=',
  'http://sid=x@parley.example/socket.io/?EIO=4&transport=T',
  'ws://parley.example/socket.io/?EIO=4&transport=T',
];

describe('The limit on connections of an address', () => {
  let app: TestApp;
  const held: RawConnection[] = [];

  const ask = async (target: string, lines: string[]) => {
    const connection = new RawConnection(app.url);
    held.push(connection);
    return (await connection.send(`GET ${target} HTTP/1.1`, ...lines).answer()).status;
  };

  before(async () => {
    const env = { CONNECTIONS_PER_ADDRESS: String(MOST), HANDSHAKES_PER_MINUTE: '1000' };
    app = await startApp(env);
    for (let i = 0; i < MOST; i++) {
      const [plain = ''] = TARGETS;
      expect(await ask(plain.replace('T', 'websocket'), WEBSOCKET)).to.equal(101);
    }
  });
  after(async () => {
    for (const connection of held) connection.close();
    await app.stop();
  });

  for (const target of TARGETS) {
    it(`holds for ${target}`, async () => {
      const socket = await ask(target.replaceAll('T', 'websocket'), WEBSOCKET);
      expect(socket).to.be.oneOf([400, 404, 429]);
      const poll = await ask(target.replaceAll('T', 'polling'), PLAIN);
      expect(poll).to.be.oneOf([400, 404, 429]);
    });
  }
});

describe('A request target in absolute form', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());

  it('is read as its path, its query and its host', async () => {
    const ada = await app.register('ada');
    const connection = new RawConnection(app.url);
    const ask = (target: string, method = 'GET', more: string[] = []) =>
      connection
        .send(`${method} ${target} HTTP/1.1`, 'Host: other.example', ...more, '', '')
        .answer();
    expect((await ask('http://parley.example/health#x')).status).to.equal(200);
    const poll = await ask('http://parley.example/socket.io/?EIO=4&transport=polling');
    expect(poll.body).to.match(/^0{"sid"/);
    const cookie = [`Cookie: access_token=${ada.token}`, 'Content-Length: 0'];
    const delete_ = (origin: string) =>
      ask('http://parley.example/users/me/sessions', 'DELETE', [...cookie, `Origin: ${origin}`]);
    expect((await delete_('http://other.example')).status).to.equal(403);
    expect((await delete_('http://parley.example')).status).to.equal(200);
    for (const [method, target] of [
      ['OPTIONS', '*'],
      ['GET', 'foo://parley.example'],
      ['GET', 'http://parley.example?x'],
    ] as const) {
      const { status, headers } = await ask(target, method);
      expect([status, headers.has('x-request-id')], target).to.deep.include(true);
      expect(status).to.be.oneOf([200, 204, 404]);
    }
    connection.close();
  });
});
