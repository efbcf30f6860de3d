import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { AckData } from '../../../src/contract/events.js';
import type { Conversation } from '../../../src/contract/rest.js';

describe('what a conversation is to each of its members', () => {
  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let bob: Account;
  let adas: Device;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0' })));
  });
  after(() => app?.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(async () => {
    const name = `x${Math.random().toString(36).slice(2, 10)}`;
    [ada, bob] = await Promise.all([app.register(`${name}a`), app.register(`${name}b`)]);
    adas = await app.device(ada);
  });

  const create = async (title: string) =>
    (await adas.ask('conversation:create', { title })).conversation;
  const share = (id: number, { id: userId }: Account, role: string) =>
    app.rows('INSERT INTO conversation_members VALUES ($1, $2, $3)', [id, userId, role]);
  const patch = ({ token }: Account, id: number, body: object) =>
    app.call<Conversation>(`/agent/conversations/${id}`, { method: 'PATCH', token, body });
  const titles = async ({ token }: Account, query = '') =>
    (await app.call<Conversation[]>(`/agent/conversations${query}`, { token })).body.map(
      ({ title }) => title,
    );

  it('is pinned and archived by each for themselves, viewers too, and their other devices see it', async () => {
    const { id } = await create('Plan');
    await share(id, bob, 'viewer');
    const [one, two] = await Promise.all([app.device(bob), app.device(bob)]);
    const conversation_id = id;
    const marks = { pinned: true, archived: true };
    const { conversation } = await one.ask('conversation:update', { conversation_id, ...marks });
    expect(conversation).to.include({ ...marks, my_role: 'viewer', member_count: 2 });
    expect(conversation.member_names).to.deep.equal([ada.username]);
    const told = await two.until('conversation:updated');
    expect(told.conversation).to.deep.equal(conversation);
    const own = await adas.until('conversation:updated');
    expect(own.conversation).to.include({ pinned: false, archived: false, my_role: 'owner' });
    expect(own.conversation.member_names).to.deep.equal([bob.username]);
    const refused = await patch(bob, id, { pinned: false, title: 'Mine' });
    expect(refused.body).to.include({ code: 'forbidden' });
    expect((await patch(bob, id, { pinned: false })).body).to.include({
      pinned: false,
      archived: true,
      title: 'Plan',
    });
  });

  it('is listed by filter, newest activity first, each with cursors of its own', async () => {
    for (const title of ['a', 'b', 'c', 'd', 'e']) {
      const { id } = await create(title);
      if ('ace'.includes(title)) await patch(ada, id, { pinned: true });
      if ('cd'.includes(title)) await patch(ada, id, { archived: true });
    }
    expect(await titles(ada)).to.deep.equal(['e', 'b', 'a']);
    expect(await titles(ada, '?filter=archived')).to.deep.equal(['d', 'c']);
    expect(await titles(ada, '?filter=pinned')).to.deep.equal(['e', 'a']);
    expect(await titles(ada, '?filter=archived&q=C')).to.deep.equal(['c']);
    for (const filter of ['active', 'archived', 'pinned'] as const) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: AckData<'conversation:list'> = await adas.ask('conversation:list', {
          ...{ filter, limit: 1 },
          ...(cursor !== null && { cursor }),
        });
        seen.push(...page.conversations.map(({ title }) => title));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(seen, filter).to.deep.equal(await titles(ada, `?filter=${filter}`));
    }
    const first = await app.call('/agent/conversations?filter=pinned&limit=1', {
      token: ada.token,
    });
    expect(first.headers.get('link')).to.match(/filter=pinned/);
    const wrong = await app.call('/agent/conversations?filter=all', { token: ada.token });
    expect(wrong.body.code).to.equal('validation_failed');
  });

  it('counts what others wrote and answers as unread, until it is read, which never goes back', async () => {
    const sent = await adas.ask('message:send', { client_id: 'one', content: 'Hello' });
    const { id } = sent.conversation;
    const conversation_id = id;
    expect(sent.conversation).to.include({
      unread_count: 1,
      read_message_id: sent.user_message.id,
    });
    await adas.ended(sent.assistant_message.id);
    await share(id, bob, 'editor');
    const bobs = await app.device(bob);
    const get = async ({ token }: Account) =>
      (await app.call<Conversation>(`/agent/conversations/${id}`, { token })).body;
    expect(await get(bob)).to.include({ unread_count: 2, read_message_id: null });
    const note = { conversation_id, client_id: 'two', content: 'Hi', answer: false } as const;
    const { conversation, user_message } = await bobs.ask('message:send', note);
    expect(conversation).to.include({ unread_count: 0, read_message_id: user_message.id });
    const heard = await adas.until(
      'conversation:updated',
      (event) => event.conversation.unread_count === 2,
    );
    expect(heard.conversation.read_message_id).to.equal(sent.user_message.id);
    await bobs.ask('conversation:open', { conversation_id });
    const laptop = await app.device(ada);
    await adas.ask('read:set', { conversation_id, message_id: user_message.id });
    expect(await bobs.until('read:changed')).to.deep.equal({
      conversation_id,
      user_id: ada.id,
      message_id: user_message.id,
    });
    const told = await laptop.until('conversation:updated');
    expect(told.conversation).to.include({ unread_count: 0, read_message_id: user_message.id });
    await adas.ask('read:set', { conversation_id, message_id: sent.user_message.id });
    expect(await get(ada)).to.include({ unread_count: 0, read_message_id: user_message.id });
    expect(bobs.all('read:changed')).to.have.length(1);
    const elsewhere = await create('Other');
    const lost = await adas.emit('read:set', {
      conversation_id: elsewhere.id,
      message_id: user_message.id,
    });
    expect(lost).to.have.nested.property('error.code', 'not_found');
  });

  it('counts an own edited answer as read, another answer as unread, and no further than a hundred', async () => {
    const sent = await adas.ask('message:send', { client_id: 'q', content: 'Hello' });
    const { id } = sent.conversation;
    const message_id = sent.assistant_message.id;
    await adas.ended(message_id);
    const edit = { message_id, client_id: 'e', content: 'Mine' };
    const edited = (await adas.ask('message:edit', edit)).conversation;
    expect(edited).to.include({ unread_count: 0 });
    const again = await adas.ask('message:regenerate', { message_id, client_id: 'r' });
    expect(again.conversation.unread_count).to.equal(1);
    const get = async () => (await adas.ask('conversation:list', {})).conversations[0];
    expect(await get()).to.include({ unread_count: 1, read_message_id: edited.active_message_id });
    await app.rows(
      `INSERT INTO messages (conversation_id, role) SELECT $1, 'assistant' FROM generate_series(1, 150)`,
      [id],
    );
    expect(await get()).to.include({ unread_count: 100 });
  });
});
