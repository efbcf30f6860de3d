import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { measureFlood } from '../../../bench/flood.js';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { type Device, openDevice } from '../../../lab/people/device.js';

const MANY = 2_000;
const at = (n: number) => ({ 'x-forwarded-for': `192.0.2.${n}` });

describe('A flood', () => {
  let app: TestApp;
  afterEach(() => app?.stop());

  const start = async (env: Record<string, string>) => {
    app = await startApp({ TRUST_PROXY: 'true', ...env });
    return app.register('ada');
  };

  const codeOf = async (device: Device, name: string, payload: unknown) => {
    const ack = await device.socket.emitWithAck(name, payload);
    return ack.error.code as string;
  };

  /** An Engine.IO connection below Socket.IO. */
  const rawSocket = async (headers = {}) => {
    const url = `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { headers });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await once(socket, 'message');
    return { socket, closed };
  };

  it('of events is refused before it is looked at', async () => {
    const ada = await start({ EVENTS_PER_SECOND: '1' });
    const device = await app.device(ada);
    const bad = (n: number) => codeOf(device, 'conversation:open', { n });
    const seen = await Promise.all(Array.from({ length: 12 }, (_, n) => bad(n)));
    expect(seen.slice(0, 5)).to.deep.equal(Array(5).fill('validation_failed'));
    expect(seen.slice(-1)).to.deep.equal(['rate_limited']);
    expect(await codeOf(device, 'no:such:event', {})).to.equal('rate_limited');
    const ack = await device.emit('conversation:list', {});
    expect(ack.ok ? 0 : ack.error.retry_after_ms).to.be.within(1, 10_000);
  });

  it('that goes on is dropped, and what it has used up still counts when it comes back', async () => {
    const ada = await start({ EVENTS_PER_SECOND: '1', MESSAGES_PER_MINUTE: '1' });
    const device = await app.device(ada);
    const dropped = new Promise((resolve) => device.socket.once('disconnect', resolve));
    await device.ask('message:send', { client_id: 'allowed', content: 'q' });
    for (let i = 0; i < 300; i++) device.socket.emit('conversation:list', {});
    expect(await dropped).to.equal('io server disconnect');
    const message = { client_id: 'refused', content: 'q' };
    expect(await codeOf(await app.device(ada), 'message:send', message)).to.equal('rate_limited');
  });

  it('of frames that are no events ends the connection, logged in or not', async () => {
    await start({});
    const pongs = await rawSocket();
    for (let i = 0; i < MANY; i++) pongs.socket.send('3');
    await pongs.closed;
    const pings = await rawSocket();
    for (let i = 0; i < MANY; i++) pings.socket.ping();
    await pings.closed;
    expect((await app.call('/health/ready')).status).to.equal(200);
  });

  it('on one connection after the other soon gets no more of them, others do', async () => {
    await start({ HANDSHAKES_PER_MINUTE: '20' });
    for (let round = 0; round < 2; round++) {
      const { socket, closed } = await rawSocket(at(1));
      for (let i = 0; i < MANY; i++) socket.send('3');
      await closed;
    }
    const shake = (n: number) =>
      app.call('/socket.io/?EIO=4&transport=polling', { headers: at(n) });
    expect((await shake(1)).status).to.equal(429);
    expect((await shake(2)).status).to.equal(200);
  });

  it('of bytes is dropped, and what a person writes at most is not', async () => {
    const ada = await start({ SOCKET_BYTES_PER_SECOND: '20000' });
    const [device, other] = [await app.device(ada), await app.device(ada)];
    const content = 'x'.repeat(32_000);
    for (const client_id of ['1', '2', '3']) {
      await other.ask('message:send', { client_id, content });
    }
    const dropped = new Promise((resolve) => device.socket.once('disconnect', resolve));
    for (let i = 0; i < 60; i++) device.socket.emit('no:such:event', 'x'.repeat(50_000));
    expect(await dropped).to.equal('io server disconnect');
    expect(await other.ask('conversation:list', {})).to.have.property('conversations');
  });

  it('of sockets of one user is refused with the time to wait, and a place is free again at once', async () => {
    const ada = await start({ CONNECTIONS_PER_USER: '3' });
    const devices = [await app.device(ada), await app.device(ada), await app.device(ada)];
    const refusal = () => app.device(ada).catch((error) => error.data);
    expect(await refusal()).to.deep.include({ code: 'rate_limited', retryable: true });
    expect((await refusal()).retry_after_ms).to.be.above(0);
    const eve = await app.register('eve');
    await app.device(eve);
    devices[0]?.close();
    await eventually(refusal, (outcome) => outcome.received !== undefined);
    expect(await refusal()).to.include({ code: 'rate_limited' });
  });

  it('of sockets that leave during their handshake takes no place for ever', async () => {
    const ada = await start({ CONNECTIONS_PER_USER: '3' });
    for (let i = 0; i < 6; i++) {
      const { socket, closed } = await rawSocket();
      socket.send(`40${JSON.stringify({ token: ada.token })}`, () => socket.terminate());
      await closed;
    }
    for (let i = 0; i < 3; i++) await app.device(ada);
  });

  const connectFrom = (account: Account, n: number, transports = ['websocket']) =>
    openDevice(app.url, { token: account.token, headers: at(n), transports });

  it('of sockets from one address is refused before they are made, whatever the transport', async () => {
    const ada = await start({ CONNECTIONS_PER_ADDRESS: '2' });
    const open = [await connectFrom(ada, 1), await connectFrom(ada, 1, ['polling'])];
    for (const transport of ['websocket', 'polling']) {
      const error = await connectFrom(ada, 1, [transport]).catch((refused: unknown) => refused);
      expect(error).to.be.instanceOf(Error);
    }
    open.push(await connectFrom(ada, 2));
    open[0]?.close();
    const again = await eventually(
      () => connectFrom(ada, 1).catch(() => null),
      (device) => device !== null,
    );
    for (const device of [...open, again]) device?.close();
  });

  it('of handshakes that are never finished gets 429 with Retry-After, others not', async () => {
    await start({ HANDSHAKES_PER_MINUTE: '5' });
    const shake = (n: number) =>
      app.call('/socket.io/?EIO=4&transport=polling', { headers: at(n) });
    const answers = [];
    for (let i = 0; i < 14; i++) answers.push(await shake(1));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, 10)).to.deep.equal(Array(10).fill(200));
    expect(statuses.at(-1)).to.equal(429);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).to.be.above(0);
    expect((await shake(2)).status).to.equal(200);
  });

  it('of requests is refused before a body is read, those of polling included', async () => {
    await start({ ADDRESS_REQUESTS_PER_SECOND: '1' });
    const broken = { method: 'POST', body: '{"half', headers: at(1) };
    const began = performance.now();
    const asked = Array.from({ length: 40 }, () => app.call('/auth/login', broken));
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status !== 400);
    // Ten at once, of which the bodies have used a little, and one more per second.
    const seconds = (performance.now() - began) / 1_000;
    expect(answers.length - refused.length).to.be.within(9, 11 + seconds);
    for (const { status, body, headers } of refused) {
      expect([status, body.code]).to.deep.equal([429, 'rate_limited']);
      expect(Number(headers.get('retry-after'))).to.be.above(0);
    }
    const poll = (n: number) => app.call('/socket.io/?EIO=4&transport=polling', { headers: at(n) });
    const polls = await Promise.all(Array.from({ length: 20 }, () => poll(1)));
    expect(polls.map(({ status }) => status)).to.include(429);
    expect((await poll(2)).status).to.equal(200);
  });

  it('of requests with large bodies is refused the sooner, whether or not they tell their length', async () => {
    await start({ ADDRESS_REQUESTS_PER_SECOND: '1' });
    const body = JSON.stringify({ email: 'x'.repeat(60_000) });
    const post = (n: number) => app.call('/auth/login', { body, headers: at(n) });
    expect([(await post(1)).status, (await post(1)).status]).to.deep.equal([422, 429]);
    const stream = async () => {
      const headers = { 'content-type': 'application/json', ...at(2) };
      const chunks = new Blob(['{}']).stream();
      const init = { method: 'POST', headers, body: chunks, duplex: 'half' as const };
      return (await fetch(`${app.url}/auth/login`, init)).status;
    };
    expect([await stream(), await stream()]).to.deep.equal([422, 429]);
  });

  it('is none with LIMIT_SCALE=0', async () => {
    const env = { EVENTS_PER_SECOND: '1', SOCKET_BYTES_PER_SECOND: '1024' };
    const ada = await start({ ...env, CONNECTIONS_PER_USER: '1', LIMIT_SCALE: '0' });
    const [device] = [await app.device(ada), await app.device(ada)];
    const acks = Array.from({ length: 500 }, () => codeOf(device, 'no:such:event', {}));
    expect(new Set(await Promise.all(acks))).to.deep.equal(new Set(['unknown_event']));
  });

  it('of every kind at once leaves everybody else answered', async () => {
    const { pairs, counts } = await measureFlood(true);
    const [{ calm, flooded } = expect.fail('nothing was measured')] = pairs;
    expect(flooded.sample.starts).to.have.length(calm.sample.starts.length).above(0);
    expect(Math.max(...flooded.sample.starts)).to.be.below(10_000);
    expect(counts.refused, 'refused').to.be.at.least(50);
  });
});
