import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import { createClient } from '../../../lab/stores/client.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';

describe('a deleted conversation', () => {
  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let bob: Account;
  let adas: Device;
  let bobs: Device;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0' })));
    [ada, bob] = await Promise.all([app.register('ada'), app.register('bob')]);
    [adas, bobs] = await Promise.all([app.device(ada), app.device(bob)]);
  });
  after(() => app?.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  const shared = async () => {
    const { conversation } = await adas.ask('conversation:create', { title: 'Trip' });
    const { id } = conversation;
    await app.rows('INSERT INTO conversation_members VALUES ($1, $2, $3)', [id, bob.id, 'viewer']);
    await bobs.ask('conversation:update', { conversation_id: id, pinned: true });
    return id;
  };
  const path = (id: number, more = '') => `/agent/conversations/${id}${more}`;
  const restore = ({ token }: Account, id: number) =>
    app.call<{ conversation: Conversation; code?: string }>(path(id, '/restore'), {
      method: 'POST',
      token,
    });
  const age = (id: number) =>
    app.rows(
      `UPDATE conversations SET deleted_at = deleted_at - interval '5 minutes' WHERE id = $1`,
      [id],
    );

  it('is gone for all members, and its owner brings it back with their marks', async () => {
    const id = await shared();
    const asked = await adas.ask('message:send', {
      conversation_id: id,
      client_id: 'q',
      content: 'Where to?',
    });
    await adas.ended(asked.assistant_message.id);
    await adas.ask('conversation:delete', { conversation_id: id });
    await bobs.until('conversation:deleted', (event) => event.conversation_id === id);
    for (const { token } of [ada, bob]) {
      for (const gone of [path(id), path(id, '/messages')])
        expect((await app.call(gone, { token })).status).to.equal(404);
    }
    const list = await bobs.ask('conversation:list', {});
    expect(list.conversations.map((one) => one.id)).to.not.include(id);
    const restored = await adas.ask('conversation:restore', { conversation_id: id });
    expect(restored.conversation).to.include({ id, title: 'Trip', my_role: 'owner' });
    const event = await bobs.until('conversation:created', (told) => told.conversation.id === id);
    expect(event.conversation).to.include({ my_role: 'viewer', pinned: true, member_count: 2 });
    const messages = await app.call<Message[]>(path(id, '/messages'), { token: bob.token });
    expect(messages.body.map(({ content }) => content)).to.deep.equal([
      'Where to?',
      'Hello there.',
    ]);
    const again = await restore(ada, id);
    expect(again.body.conversation).to.deep.include({ ...restored.conversation });
    expect(adas.all('conversation:created').filter((e) => e.conversation.id === id)).to.have.length(
      2,
    );
  });

  it('is brought back by nobody but its owner', async () => {
    const id = await shared();
    const eve = await app.register('eve');
    await app.call(path(id), { method: 'DELETE', token: ada.token });
    expect((await restore(eve, id)).body.code).to.equal('not_found');
    expect((await restore(bob, id)).body.code).to.equal('forbidden');
    expect((await restore(ada, id)).status).to.equal(200);
    expect((await restore(bob, id)).body.code).to.equal('forbidden');
  });

  it('has stopped what ran in it', async () => {
    const held = app.upstream.next();
    const sent = await adas.ask('message:send', { client_id: 'long', content: 'A long story' });
    const { id: conversation_id } = sent.conversation;
    await held.opened;
    held.write('Once upon a time');
    await adas.until('message:delta', (delta) => delta.message_id === sent.assistant_message.id);
    await adas.ask('conversation:delete', { conversation_id });
    await held.closed;
    await adas.ask('conversation:restore', { conversation_id });
    const answer = await eventually(
      async () =>
        (await adas.ask('conversation:open', { conversation_id })).messages.find(
          ({ id }) => id === sent.assistant_message.id,
        ),
      (message) => message?.status === 'stopped',
    );
    expect(answer?.content).to.equal('Once upon a time');
  });

  it('is erased after five minutes, and cannot be brought back then', async () => {
    const [late, early] = [await shared(), await shared()];
    for (const id of [late, early])
      await app.call(path(id), { method: 'DELETE', token: ada.token });
    await age(late);
    expect((await restore(ada, late)).body.code).to.equal('not_found');
    const other = await app.register('other');
    await app.call('/users/me', { method: 'DELETE', token: other.token });
    await eventually(
      () => app.rows('SELECT 1 FROM conversations WHERE id = $1', [late]),
      (rows) => rows.length === 0,
    );
    expect((await restore(ada, early)).status).to.equal(200);
  });

  it('is not erased while it is being brought back', async () => {
    const id = await shared();
    await app.call(path(id), { method: 'DELETE', token: ada.token });
    const eraser = createClient(app.databaseUrl);
    await eraser.connect();
    try {
      await eraser.query('BEGIN');
      await eraser.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [id]);
      const restoring = restore(ada, id);
      await eventually(
        () =>
          app.rows(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          ),
        (rows) => rows.length > 0,
      );
      await eraser.query('DELETE FROM conversations WHERE id = $1', [id]);
      await eraser.query('COMMIT');
      expect((await restoring).body.code).to.equal('not_found');
    } finally {
      await eraser.end();
    }
  });

  it('goes at once with the account of its only member', async () => {
    const cy = await app.register('cyrus');
    const { token } = cy;
    const made = await app.call<Conversation>('/agent/conversations', { token, body: {} });
    await app.call(path(made.body.id), { method: 'DELETE', token });
    await app.call('/users/me', { method: 'DELETE', token });
    await eventually(
      () => app.rows('SELECT 1 FROM conversations WHERE id = $1', [made.body.id]),
      (rows) => rows.length === 0,
    );
  });
});
