import { expect } from 'chai';
import { answer, echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { openDevice } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';

const EMOJI_AND_CHINESE = [
  '你好',
  '，世界',
  ' 👩‍👩‍👧',
  ' café',
  '\n\n```ts\n',
  'const 𝒳 = 1;\n',
  '```',
];
let clientIds = 0;
const clientId = () => `client-${clientIds++}`;

describe('gateway', () => {
  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let eve: Account;

  before(async () => {
    ({ app, faults } = await judged(await startApp()));
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  it('welcomes a socket with what it needs to know', async () => {
    const device = await app.device(ada);
    const hello = await device.until('server:hello');
    expect(hello).to.include({ protocol: 1 });
    expect(hello.node_id).to.be.a('string').and.not.equal('');
    expect(hello.ping.interval_ms).to.be.above(0);
  });

  it('welcomes all alike, by websocket and by polling', async () => {
    const hellos = [];
    for (const transports of [['websocket'], ['polling'], ['websocket']]) {
      const device = await openDevice(app.url, { token: ada.token, transports });
      hellos.push(await device.until('server:hello'));
      device.close();
    }
    const [first, ...others] = hellos;
    expect(others).to.deep.equal([first, first]);
  });

  it('streams an answer into a new conversation, deltas before the end and nothing twice', async () => {
    app.upstream.script(answer(EMOJI_AND_CHINESE));
    const device = await app.device(ada);
    const content = '说点什么 👋 '.repeat(10);
    const sent = await device.ask('message:send', { client_id: clientId(), content });
    expect([...sent.conversation.title]).to.deep.equal([...content].slice(0, 50));
    const end = await device.ended(sent.assistant_message.id);
    const text = EMOJI_AND_CHINESE.join('');
    expect(device.text(sent.assistant_message.id)).to.equal(text);
    expect(end).to.include({ status: 'completed', finish_reason: 'stop', attempt: 1 });
    expect(end.bytes).to.equal(Buffer.byteLength(text));
    expect(end.seq).to.equal(device.all('message:delta').at(-1)?.seq);
    const names = device.received.map((event) => event.name);
    expect(names.indexOf('message:created')).to.be.below(names.indexOf('message:delta'));
    expect(names.lastIndexOf('message:delta')).to.be.below(names.indexOf('message:completed'));
  });

  it('stores what it streamed', async () => {
    app.upstream.script(answer(['stored ', 'text']));
    const device = await app.device(ada);
    const sent = await device.ask('message:send', { client_id: clientId(), content: 'store' });
    await device.ended(sent.assistant_message.id);
    const path = `/agent/conversations/${sent.conversation.id}/messages`;
    const { body } = await app.call<Message[]>(path, { token: ada.token });
    expect(body.map(({ role, content }) => [role, content])).to.deep.equal([
      ['user', 'store'],
      ['assistant', 'stored text'],
    ]);
    expect(body[1]?.usage).to.include({ total_tokens: 12, estimated: false });
  });

  it('sends the conversation so far to the model, the system prompt first', async () => {
    app.upstream.otherwise(echo());
    const device = await app.device(ada);
    const first = await device.ask('message:send', { client_id: clientId(), content: 'one' });
    await device.ended(first.assistant_message.id);
    const conversation_id = first.conversation.id;
    const second = await device.ask('message:send', {
      client_id: clientId(),
      content: 'two',
      conversation_id,
    });
    await device.ended(second.assistant_message.id);
    const request = app.upstream.requests.at(-1);
    expect(request?.body.messages.map((m) => m.content)).to.deep.equal([
      'You are a helpful assistant.',
      'one',
      'echo: one',
      'two',
    ]);
  });

  it('gives one user message and one answer for the same client_id sent five times at once', async () => {
    const held = app.upstream.next();
    const device = await app.device(ada);
    const before = app.upstream.requests.length;
    const payload = { client_id: clientId(), content: 'only once' };
    const sends = [];
    for (let i = 0; i < 5; i++) sends.push((await app.device(ada)).ask('message:send', payload));
    const results = await Promise.all(sends);
    expect(new Set(results.map((r) => r.user_message.id)).size).to.equal(1);
    expect(new Set(results.map((r) => r.assistant_message.id)).size).to.equal(1);
    await held.opened;
    held.write('once');
    held.finish();
    const id = results[0]?.conversation.id ?? 0;
    const opened = await device.ask('conversation:open', { conversation_id: id });
    if (opened.live[0]) await device.ended(opened.live[0].message_id);
    const again = await device.ask('message:send', payload);
    expect(again.assistant_message.content).to.equal('once');
    expect(app.upstream.requests.length).to.equal(before + 1);
  });

  it('refuses the same client_id with another payload', async () => {
    const device = await app.device(ada);
    const payload = { client_id: clientId(), content: 'first' };
    const { assistant_message } = await device.ask('message:send', payload);
    const ack = await device.emit('message:send', { ...payload, content: 'second' });
    expect(ack.ok ? null : ack.error.code).to.equal('conflict');
    await device.ended(assistant_message.id);
  });

  it('runs the answers of one conversation one after another and tells the position in the queue', async () => {
    const held = app.upstream.next();
    const device = await app.device(ada);
    const first = await device.ask('message:send', { client_id: clientId(), content: 'a' });
    const conversation_id = first.conversation.id;
    const second = await device.ask('message:send', {
      client_id: clientId(),
      content: 'b',
      conversation_id,
    });
    expect(second.assistant_message.status).to.equal('queued');
    const status = await device.until('message:status', (s) => s.status === 'queued');
    expect(status).to.include({ message_id: second.assistant_message.id, position: 1 });
    const opened = await (await app.device(ada)).ask('conversation:open', { conversation_id });
    expect(opened.live.map((l) => [l.message_id, l.status, l.position])).to.deep.equal([
      [first.assistant_message.id, 'streaming', undefined],
      [second.assistant_message.id, 'queued', 1],
    ]);
    held.write('done');
    held.finish();
    await device.ended(first.assistant_message.id);
    await device.ended(second.assistant_message.id);
    const ends = device.all('message:completed').map((end) => end.message_id);
    expect(ends).to.deep.equal([first.assistant_message.id, second.assistant_message.id]);
  });

  it('shows a message that was sent over REST in the open rooms', async () => {
    const device = await app.device(ada);
    const { conversation } = await device.ask('conversation:create', { title: 'Shared' });
    await device.ask('conversation:open', { conversation_id: conversation.id });
    app.upstream.script(answer('over rest'));
    const { body } = await app.call<{ response: string; message_id: number; status: string }>(
      '/agent/chat',
      {
        token: ada.token,
        body: { message: 'hello', conversation_id: conversation.id },
      },
    );
    expect(body).to.include({ response: 'over rest', status: 'completed' });
    await device.ended(body.message_id);
    expect(device.text(body.message_id)).to.equal('over rest');
  });

  it('sends a device nothing of a conversation that it could not open', async () => {
    app.upstream.otherwise(answer('for those who are there'));
    const [there, failing] = [await app.device(ada), await app.device(ada)];
    const first = await there.ask('message:send', { client_id: clientId(), content: 'one' });
    await there.ended(first.assistant_message.id);
    const conversation_id = first.conversation.id;
    await app.rows('ALTER TABLE messages RENAME TO messages_away');
    const acks = [
      await failing.emit('conversation:open', { conversation_id }),
      await there.emit('conversation:open', { conversation_id }),
    ];
    await app.rows('ALTER TABLE messages_away RENAME TO messages');
    expect(acks.map(({ ok }) => ok)).to.deep.equal([false, false]);
    const { body } = await app.call<{ message_id: number }>('/agent/chat', {
      token: ada.token,
      body: { message: 'two', conversation_id },
    });
    await there.ended(body.message_id);
    await failing.ask('conversation:list', {});
    expect(failing.all('message:created')).to.deep.equal([]);
    const opened = await failing.ask('conversation:open', { conversation_id });
    expect(opened.messages).to.have.length(4);
  });

  it('keeps the lists of all devices in step', async () => {
    const [one, two] = [await app.device(ada), await app.device(ada)];
    const { conversation } = await one.ask('conversation:create', { title: 'List' });
    const isIt = (c: Conversation) => c.id === conversation.id;
    await two.until('conversation:created', (event) => isIt(event.conversation));
    await one.ask('conversation:update', { conversation_id: conversation.id, title: 'Renamed' });
    const updated = await two.until('conversation:updated', (event) => isIt(event.conversation));
    expect(updated.conversation).to.include({ title: 'Renamed', my_role: 'owner' });
    await one.ask('conversation:delete', { conversation_id: conversation.id });
    await two.until('conversation:deleted', (event) => event.conversation_id === conversation.id);
  });

  it('lists conversations, newest activity first, in pages', async () => {
    const device = await app.device(await app.register('lister'));
    const titles = ['one', 'two', 'three'];
    for (const title of titles) await device.ask('conversation:create', { title });
    const first = await device.ask('conversation:list', { limit: 2 });
    expect(first.conversations.map((c) => c.title)).to.deep.equal(['three', 'two']);
    const rest = await device.ask('conversation:list', {
      limit: 2,
      cursor: first.next_cursor ?? '',
    });
    expect(rest.conversations.map((c) => c.title)).to.deep.equal(['one']);
    expect(rest.next_cursor).to.equal(null);
    const found = await device.ask('conversation:list', { q: 'HRE' });
    expect(found.conversations.map((c) => c.title)).to.deep.equal(['three']);
  });

  describe('keeps what belongs to one user from every other', () => {
    it('whatever id-taking event it is', async () => {
      const held = app.upstream.next();
      const owner = await app.device(ada);
      const { conversation, assistant_message } = await owner.ask('message:send', {
        client_id: clientId(),
        content: 'private',
      });
      await held.opened;
      const conversation_id = conversation.id;
      const message_id = assistant_message.id;
      const thief = await app.device(eve);
      const attempts = [
        thief.emit('conversation:open', { conversation_id }),
        thief.emit('conversation:update', { conversation_id, title: 'mine' }),
        thief.emit('conversation:delete', { conversation_id }),
        thief.emit('message:send', { conversation_id, client_id: clientId(), content: 'x' }),
        thief.emit('generation:stop', { message_id }),
        thief.emit('generation:resume', { message_id, attempt: 0, seq: 0 }),
      ];
      for (const ack of await Promise.all(attempts)) {
        expect(ack.ok ? 'ok' : ack.error.code).to.equal('not_found');
      }
      held.write('secret');
      held.finish();
      await owner.ended(message_id);
      expect(thief.received.map((event) => event.name)).to.deep.equal(['server:hello']);
    });

    it('cursors into others’ conversations give nothing away', async () => {
      const owner = await app.device(ada);
      const { assistant_message } = await owner.ask('message:send', {
        client_id: clientId(),
        content: 'p',
      });
      const thief = await app.device(eve);
      const { conversation } = await thief.ask('conversation:create', { title: 'own' });
      const opened = await thief.ask('conversation:open', {
        conversation_id: conversation.id,
        cursors: [{ message_id: assistant_message.id, attempt: 0, seq: 0 }],
      });
      expect(opened.messages).to.deep.equal([]);
      expect(opened.live).to.deep.equal([]);
      await owner.ended(assistant_message.id);
    });
  });

  describe('refuses what it cannot use, and goes on', () => {
    const malformed: [string, unknown][] = [
      ['a payload that is no object', 'text'],
      ['no payload', null],
      ['a missing field', { client_id: 'x1' }],
      ['an id of the wrong type', { client_id: 'x2', content: 'c', conversation_id: '1' }],
      ['an id out of range', { client_id: 'x3', content: 'c', conversation_id: 2 ** 60 }],
      ['U+0000', { client_id: 'x4', content: 'a\u0000b' }],
      ['half a surrogate pair', { client_id: 'x5', content: 'a\ud83d' }],
      ['a bad client_id', { client_id: 'with space', content: 'c' }],
      ['an empty message', { client_id: 'x6', content: ' \n' }],
      ['a model that is not offered', { client_id: 'x7', content: 'c', model: 'nobody' }],
      ['twenty thousand keys', Object.fromEntries([...Array(20_000).keys()].map((i) => [i, i]))],
    ];
    for (const [what, payload] of malformed) {
      it(what, async () => {
        const device = await app.device(ada);
        const ack = await device.emit('message:send', payload as never);
        expect(ack.ok ? 'ok' : ack.error.code).to.equal('validation_failed');
        expect(ack.ok ? [] : ack.error.details).to.not.be.empty;
        expect(device.socket.connected).to.equal(true);
      });
    }

    it('an event that it does not know', async () => {
      const device = await app.device(ada);
      const ack = await device.emit('toString' as never, {} as never);
      expect(ack).to.deep.include({ ok: false });
      expect(JSON.stringify(ack)).to.include('unknown_event');
      expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    });

    it('an event whose name is a number', async () => {
      const device = await app.device(ada);
      const ack = await device.emit(5 as never, {} as never);
      expect(ack).to.have.nested.property('error.code', 'unknown_event');
      expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    });

    it('events without an ack', async () => {
      const device = await app.device(ada);
      device.socket.emit('message:send', 5);
      device.socket.emit('nonsense');
      expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    });
  });

  describe('handshake', () => {
    const refusal = async (options: Parameters<typeof openDevice>[1]) => {
      const error = await openDevice(app.url, options).catch((cause: unknown) => cause);
      return (error as { data?: { code: string; message: string } }).data;
    };

    it('refuses without a token, with a bad one, and with a refresh token', async () => {
      expect(await refusal({})).to.include({ code: 'unauthenticated' });
      expect(await refusal({ token: 'nonsense' })).to.include({ code: 'token_invalid' });
      expect(await refusal({ token: ada.refreshToken })).to.include({ code: 'token_invalid' });
    });

    it('tells why in the language of the client', async () => {
      const told = await refusal({ headers: { 'accept-language': 'zh-CN' } });
      expect(told?.message).to.match(/\p{Script=Han}/u);
    });

    it('takes the access cookie with the page’s own origin only', async () => {
      const cookie = `access_token=${ada.token}`;
      const device = await openDevice(app.url, { headers: { cookie, origin: app.url } });
      device.close();
      const foreign = { cookie, origin: 'https://evil.example' };
      expect(await refusal({ headers: foreign })).to.include({ code: 'origin_not_allowed' });
      expect(await refusal({ headers: { cookie } })).to.include({ code: 'origin_not_allowed' });
    });

    it('takes it from polls of the own page, for which browsers name no origin', async () => {
      const polling = { transports: ['polling'] };
      const cookie = `access_token=${ada.token}`;
      const device = await openDevice(app.url, { headers: { cookie }, ...polling });
      device.close();
      for (const foreign of [
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        const told = await refusal({ headers: { cookie, ...foreign }, ...polling });
        expect(told).to.include({ code: 'origin_not_allowed' });
      }
    });

    it('works over polling too', async () => {
      const device = await openDevice(app.url, { token: ada.token, transports: ['polling'] });
      expect(await device.ask('conversation:list', {})).to.have.property('conversations');
      device.close();
    });
  });

  describe('sessions', () => {
    it('end every socket of a device that logs out, and no other', async () => {
      const mallory = await app.register('mallory');
      const device = await app.device(mallory);
      const bystander = await app.device(ada);
      const gone = new Promise((resolve) => device.socket.once('disconnect', resolve));
      await app.call('/auth/logout', { body: { refresh_token: mallory.refreshToken } });
      expect(await device.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
      await gone;
      expect(bystander.socket.connected).to.equal(true);
    });

    it('can be renewed with a token or read again without one', async () => {
      const device = await app.device(ada);
      const { expires_at } = await device.ask('session:renew', { token: ada.token });
      expect(Date.parse(expires_at)).to.be.above(Date.now());
      const again = await device.ask('session:renew', {});
      expect(Date.parse(again.expires_at)).to.be.above(Date.now());
      const foreign = await device.emit('session:renew', { token: eve.token });
      expect(foreign.ok ? 'ok' : foreign.error.code).to.equal('token_invalid');
    });
  });
});
