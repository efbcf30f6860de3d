import { expect } from 'chai';
import { fallBehind } from '../../../lab/models/fall-behind.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import { LIMITS } from '../../../src/contract/limits.js';

let clientIds = 0;
const send = (device: Device, content = 'q') =>
  device.ask('message:send', { client_id: `limit-${clientIds++}`, content });

describe('limits of the gateway', () => {
  let app: TestApp;
  let redis: TestRedis | undefined;
  afterEach(async () => {
    await app.stop();
    await redis?.stop();
  });

  it('let one user run so many answers at once and queue the rest, others unaffected', async () => {
    app = await startApp({ GENERATIONS_PER_USER: '2' });
    const [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
    const held = [app.upstream.next(), app.upstream.next(), app.upstream.next()];
    const device = await app.device(ada);
    const sent = [await send(device), await send(device), await send(device)];
    expect(sent.map((s) => s.assistant_message.status)).to.deep.equal([
      'streaming',
      'streaming',
      'queued',
    ]);
    const others = await send(await app.device(eve));
    expect(others.assistant_message.status).to.equal('streaming');
    await held[1]?.opened;
    held[0]?.finish();
    held[1]?.finish();
    const third = sent[2]?.assistant_message.id ?? 0;
    expect(await device.ended(third)).to.include({ status: 'completed' });
  });

  it('let a node run so many answers at once', async () => {
    app = await startApp({ GENERATIONS_PER_NODE: '1' });
    const [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
    const held = app.upstream.next();
    await send(await app.device(ada));
    await held.opened;
    const device = await app.device(eve);
    const waiting = await send(device);
    expect(waiting.assistant_message.status).to.equal('queued');
    held.finish();
    expect(await device.ended(waiting.assistant_message.id)).to.include({ status: 'completed' });
  });

  it('refuse more unfinished answers than a user may have, and with LIMIT_SCALE=0 refuse nothing', async () => {
    const env = { PENDING_PER_USER: '1', MESSAGES_PER_MINUTE: '2', REGISTER_PER_MINUTE: '1' };
    app = await startApp(env);
    app.upstream.next();
    const device = await app.device(await app.register('ada'));
    await send(device);
    const ack = await device.emit('message:send', { client_id: 'too-many', content: 'q' });
    expect(ack.ok ? null : ack.error).to.include({ code: 'rate_limited', retryable: true });
    expect(ack.ok ? 0 : ack.error.retry_after_ms).to.be.above(0);
    await app.stop();

    app = await startApp({ PENDING_PER_USER: '2' });
    app.upstream.next();
    const full = await app.device(await app.register('ada'));
    const { conversation } = await send(full);
    const more = { conversation_id: conversation.id, content: 'q' };
    const { user_message } = await full.ask('message:send', { client_id: 'waits', ...more });
    const note = { client_id: 'note', ...more, answer: false };
    expect((await full.emit('message:send', note)).ok, 'a note').to.equal(true);
    const edit = { message_id: user_message.id, client_id: 'edit', content: 'changed' };
    expect((await full.emit('message:edit', edit)).ok, 'an edit in place').to.equal(true);
    await app.stop();

    app = await startApp({ ...env, LIMIT_SCALE: '0', GENERATIONS_PER_USER: '1' });
    const [ada] = [await app.register('ada'), await app.register('eve')];
    const free = await app.device(ada);
    const sent = await Promise.all([send(free), send(free), send(free), send(free)]);
    expect(sent.map((s) => s.assistant_message.status))
      .to.include('streaming')
      .and.not.include('queued');
    for (const { assistant_message } of sent) await free.ended(assistant_message.id);
  });

  it('tell a user who sends too fast how long to wait', async () => {
    app = await startApp({ MESSAGES_PER_MINUTE: '2' });
    const device = await app.device(await app.register('ada'));
    await send(device);
    await send(device);
    const ack = await device.emit('message:send', { client_id: 'third', content: 'q' });
    expect(ack.ok ? null : ack.error.code).to.equal('rate_limited');
    expect(ack.ok ? 0 : ack.error.retry_after_ms).to.be.within(1, 60_000);
  });

  it('drop a socket that goes on flooding after refusals', async () => {
    app = await startApp({ EVENTS_PER_SECOND: '1' });
    const device = await app.device(await app.register('ada'));
    const dropped = new Promise((resolve) => device.socket.once('disconnect', resolve));
    for (let i = 0; i < 300; i++) device.socket.emit('conversation:list', {}, () => {});
    await dropped;
  });

  it('end a socket whose packet is larger than allowed, and nobody else’s', async () => {
    app = await startApp();
    const ada = await app.register('ada');
    const [device, other] = [await app.device(ada), await app.device(ada)];
    const dropped = new Promise((resolve) => device.socket.once('disconnect', resolve));
    device.socket.emit('message:send', { client_id: 'big', content: 'x'.repeat(300_000) });
    await dropped;
    expect(await other.ask('conversation:list', {})).to.have.property('conversations');
  });

  it('warn before the access token ends, follow a refresh, and end what was not refreshed', async () => {
    app = await startApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '0.2' });
    const ada = await app.register('ada');
    const [device, stale] = [await app.device(ada), await app.device(await app.register('eve'))];
    let { refreshToken } = ada;
    const warned = (times: number) =>
      device.until('session:expiring', () => device.all('session:expiring').length === times);
    const refresh = async () => {
      const { status, body } = await app.call<TokenResponse>('/auth/refresh', {
        body: { refresh_token: refreshToken },
      });
      expect(status).to.equal(200);
      refreshToken = body.refresh_token ?? '';
    };
    const { expires_at } = await warned(1);
    const { exp } = JSON.parse(atob(ada.token.split('.')[1] ?? ''));
    expect(Date.parse(expires_at)).to.equal(exp * 1_000);
    await refresh();
    const refreshedAt = Date.now();
    await warned(2);
    // This client would refresh without end if it were warned at once.
    expect(Date.now() - refreshedAt).to.be.above(1_500);
    await refresh();
    expect(await stale.until('session:ended')).to.deep.equal({ code: 'token_expired' });
    expect(device.all('session:ended')).to.deep.equal([]);
    expect(device.socket.connected).to.equal(true);
  });

  /** A device that has stopped reading an answer, with a larger backlog than the node allows. */
  const withSlowDevice = async () => {
    app = await startApp();
    const ada = await app.register('ada');
    const [reader, slow] = [await app.device(ada), await app.device(ada)];
    const held = app.upstream.next();
    const sent = await send(reader);
    const message_id = sent.assistant_message.id;
    const conversation_id = sent.conversation.id;
    await slow.ask('conversation:open', { conversation_id });
    const text = await fallBehind(app, held, reader, slow);
    return { reader, slow, held, message_id, conversation_id, text };
  };

  it('hold deltas back from a device that does not read, and let it catch up', async () => {
    const { reader, slow, held, message_id, conversation_id, text } = await withSlowDevice();
    held.finish();
    await reader.ended(message_id);
    slow.resume();
    const resync = await slow.until('server:resync');
    expect(resync).to.deep.equal({ conversation_ids: [conversation_id] });
    const opened = await slow.ask('conversation:open', { conversation_id });
    expect(opened.messages.at(-1)?.content === text).to.equal(true);
    expect(reader.text(message_id) === text).to.equal(true);
  });

  it('do not let a device that does not read hold the node up when it ends', async () => {
    const { slow } = await withSlowDevice();
    const from = performance.now();
    await app.restart();
    // A ping that the device does not answer would end its socket, after 15 s at the earliest.
    expect(performance.now() - from).to.be.below(14_000);
    slow.resume();
    expect((await app.call('/health/ready')).status).to.equal(200);
  });

  it('close a device that reads none of what it asks for, also with nothing open', async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    const ada = await app.register('ada');
    const [reader, slow] = [await app.device(ada), await app.device(ada)];
    app.upstream.otherwise(answer('x'.repeat(200_000)));
    const { assistant_message } = await send(reader);
    await reader.ended(assistant_message.id);
    slow.pause();
    const cursor = { message_id: assistant_message.id, attempt: 0, seq: 0 };
    for (let i = 0; i < 100; i++) slow.socket.emit('generation:resume', cursor, () => {});
    await app.logged('reader still behind, closed');
    slow.resume();
  });

  it('store nothing for a device that has too many conversations open to follow another', async () => {
    app = await startApp();
    const ada = await app.register('ada');
    const device = await app.device(ada);
    for (let i = 0; i < LIMITS.openConversations; i++) {
      const { conversation } = await device.ask('conversation:create', {});
      await device.ask('conversation:open', { conversation_id: conversation.id });
    }
    const ack = await device.emit('message:send', { client_id: 'one-more', content: 'q' });
    expect(ack).to.have.nested.property('error.code', 'rate_limited');
    expect(app.upstream.requests).to.have.length(0);
    const { conversations } = await device.ask('conversation:list', { limit: 100 });
    expect(conversations).to.have.length(LIMITS.openConversations);
  });

  it('count conversations that a device is about to open', async () => {
    redis = await startRedis();
    // Joining a room takes a moment with Redis.
    app = await startApp({ REDIS_URL: redis.url, EVENTS_PER_SECOND: '10000' });
    const device = await app.device(await app.register('ada'));
    const ids: number[] = [];
    for (let i = 0; i < LIMITS.openConversations + 5; i++) {
      ids.push((await device.ask('conversation:create', {})).conversation.id);
    }
    const open = (conversation_id: number) => device.emit('conversation:open', { conversation_id });
    const acks = await Promise.all(ids.map(open));
    expect(acks.filter(({ ok }) => ok)).to.have.length(LIMITS.openConversations);
  });
});
