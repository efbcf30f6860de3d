import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { openDevice } from '../../../lab/people/device.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const PATH = '/socket.io/?EIO=4&transport=websocket';
const MANY = 2_000;
const ADDRESS = { 'x-forwarded-for': '192.0.2.1' };

describe('A socket that floods', () => {
  let app: TestApp;
  afterEach(() => app?.stop());

  const start = async (env: Record<string, string> = {}) => {
    app = await startApp({ TRUST_PROXY: 'true', ...env });
  };

  it('has one frame worked on at a time, so that others get their turns between them', async () => {
    await start();
    const eve = await app.device(await app.register('eve'));
    const ada = await app.device(await app.register('ada'));
    const many = 400;
    let answered = 0;
    const first = new Promise<void>((resolve) => {
      for (let i = 0; i < many; i++) {
        eve.socket.emit('no:such:event', {}, () => {
          answered += 1;
          resolve();
        });
      }
    });
    await first;
    await ada.socket.emitWithAck('no:such:event', {});
    expect(answered).to.be.below(many / 2);
  });

  /** The bare connection below a websocket, which obeys no protocol. */
  const rawUpgrade = async (): Promise<Socket> => {
    const headers = {
      ...ADDRESS,
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    };
    const call = request(app.url + PATH, { headers }).end();
    const [, socket] = await once(call, 'upgrade');
    return socket;
  };

  it('is cut off, though it goes on and never answers the goodbye', async () => {
    await start();
    const socket = await rawUpgrade();
    socket.on('error', () => {});
    const pongs = Buffer.concat(Array(500).fill(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x33])));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const pour = () => socket.writable && socket.write(pongs, () => setImmediate(pour));
    pour();
    socket.resume();
    await closed;
    expect((await app.call('/health/ready')).status).to.equal(200);
  });

  it('is cut off, though its user has logged out on the connection', async () => {
    let handshakes = 0;
    const count = () => {
      handshakes += 1;
    };
    const telemetry = { ...noTelemetry, handshake: count };
    app = await startApp({ EVENTS_PER_SECOND: '1' }, telemetry);
    const { token } = await app.register('eve');
    const socket = new WebSocket(app.url.replace('http', 'ws') + PATH);
    const closed = once(
      socket.on('error', () => {}),
      'close',
    );
    await once(socket, 'message');
    socket.send(`40${JSON.stringify({ token })}`);
    await once(socket, 'message');
    socket.send('41');
    for (let i = 0; i < MANY; i++) socket.send('40{}');
    await closed;
    expect(handshakes).to.be.within(2, MANY / 2);
  });

  const shake = async () =>
    (await app.call('/socket.io/?EIO=4&transport=polling', { headers: ADDRESS })).status;

  const waste = () =>
    new Promise((resolve) => {
      const socket = new WebSocket(app.url.replace('http', 'ws') + PATH, { headers: ADDRESS });
      socket.on('error', () => {}).on('close', resolve);
      socket.on('open', () => socket.terminate());
    });

  it('soon gets no more connections when nobody logs in over them, unlike one who does', async () => {
    await start({ HANDSHAKES_PER_MINUTE: '12' });
    const ada = await app.register('ada');
    for (let i = 0; i < 8; i++) (await from(ada)).close();
    let wasted = 0;
    while ((await shake()) === 200) {
      await waste();
      wasted += 1;
    }
    expect(wasted).to.be.within(1, 5);
  });

  it('is not listened to when it sends much before anybody has logged in', async () => {
    await start();
    const text = Buffer.from(`40${JSON.stringify({ token: 'x'.repeat(20_000) })}`);
    const head = Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 255, 0, 0, 0, 0]);
    const socket = await rawUpgrade();
    let told = '';
    socket
      .on('error', () => {})
      .on('data', (data) => {
        told += data;
      });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([head, text]));
    await closed;
    expect(told).not.to.include('validation_failed');
  });

  const from = (account: Account) =>
    openDevice(app.url, { token: account.token, headers: ADDRESS });

  const codeOf = (account: Account) =>
    from(account).then(
      (device) => device.close(),
      (error) => error.data?.code,
    );

  it('is paid for by its user, and not by the address that it shares with others', async () => {
    await start({ EVENTS_PER_SECOND: '1', HANDSHAKES_PER_MINUTE: '40' });
    const [eve, ada] = [await app.register('eve'), await app.register('ada')];
    for (let round = 0; round < 2; round++) {
      const device = await from(eve);
      const dropped = new Promise((resolve) => device.socket.once('disconnect', resolve));
      for (let i = 0; i < 300; i++) device.socket.emit('conversation:list', {});
      await dropped;
    }
    expect(await codeOf(eve)).to.equal('rate_limited');
    expect(await codeOf(ada)).to.equal(undefined);
  });
});
