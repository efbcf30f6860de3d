import { connect, Socket } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';

const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: node',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

/** RFC 6455, section 5.2: masked like a client's frame, with a key of zeros. */
function frame(text: string): Buffer {
  const { length } = text;
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return Buffer.from([0x81, ...size, 0, 0, 0, 0, ...Buffer.from(text)]);
}

interface WriteCounter {
  count(): number;
  stop(): void;
}

/** Counts the writes of connections to a port of this process, with one or many pieces each. */
function countWrites(port: number): WriteCounter {
  const { _write, _writev } = Socket.prototype;
  let writes = 0;
  const counting = <F extends (this: Socket, ...args: never[]) => void>(write: F) =>
    function counted(this: Socket, ...args: Parameters<F>) {
      if (this.localPort === port) writes += 1;
      write.apply(this, args);
    };
  Object.assign(Socket.prototype, {
    _write: counting(_write),
    _writev: counting(_writev ?? _write),
  });
  return {
    count: () => writes,
    stop: () => void Object.assign(Socket.prototype, { _write, _writev }),
  };
}

describe('A new connection', () => {
  let app: TestApp;
  let ada: Account;
  let socket: Socket;
  let text: string;
  let writes: WriteCounter;

  before(async () => {
    app = await startApp();
    ada = await app.register('ada');
  });
  beforeEach(() => {
    const { port, hostname } = new URL(app.url);
    text = '';
    writes = countWrites(Number(port));
    socket = connect(Number(port), hostname);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.write(`${UPGRADE.join('\r\n')}\r\n\r\n`);
  });
  afterEach(() => {
    writes.stop();
    socket.destroy();
  });
  after(() => app.stop());

  const have = (part: string) =>
    eventually(
      () => text,
      (all) => all.includes(part),
    );
  const send = (packet: string) => socket.write(frame(packet));

  it('is upgraded and opened with one write, accepted and welcomed with another', async () => {
    await have('"pingInterval"');
    expect(writes.count()).to.equal(1);
    send(`40${JSON.stringify({ token: ada.token })}`);
    await have('server:hello');
    expect(writes.count()).to.equal(2);
    expect(text).to.match(/^HTTP\/1\.1 101 .*0\{"sid".*40\{"sid".*42\["server:hello"/s);
  });

  it('is welcomed once for each time that it logs in', async () => {
    const logIn = () => send(`40${JSON.stringify({ token: ada.token })}`);
    const welcomes = (all: string) => all.split('server:hello').length - 1;
    await have('"pingInterval"');
    send('40{"token":"nonsense"}');
    await have('44{');
    expect(welcomes(text)).to.equal(0);
    logIn();
    await have('server:hello');
    send('41');
    text = '';
    logIn();
    await have('server:hello');
    expect(welcomes(text)).to.equal(1);
  });
});
