import { expect } from 'chai';
import type pg from 'pg';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient } from '../../../lab/stores/client.js';
import type { TokenResponse, User } from '../../../src/contract/accounts.js';
import type { Conversation } from '../../../src/contract/rest.js';
import type { UsageReport } from '../../../src/contract/usage.js';

const MANY = 5_000;

describe('What is deleted', () => {
  let app: TestApp;
  let people = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    app.upstream.otherwise(answer('Hello there.'));
  });
  after(() => app?.stop());

  const person = () => {
    people += 1;
    return app.register(`ann${people}`);
  };
  const count = async (sql: string, ...bind: unknown[]) =>
    Number((await app.rows<{ count: string }>(`SELECT count(*) ${sql}`, bind))[0]?.count);
  const today = async ({ token }: Account) =>
    (await app.call<UsageReport>('/users/me/usage', { token })).body.day.tokens;
  const create = async ({ token }: Account) =>
    (await app.call<Conversation>('/agent/conversations', { token, body: { title: 'Long' } })).body
      .id;

  /** Messages one below the other, as in a conversation of many years. */
  const fill = (conversationId: number) =>
    app.rows(
      `INSERT INTO messages (id, conversation_id, parent_id, role, content)
       SELECT $1 * 100000 + n, $1, CASE WHEN n > 1 THEN $1 * 100000 + n - 1 END, 'assistant', 'text'
       FROM generate_series(1, ${MANY}) n`,
      [conversationId],
    );

  /** Lets the time to restore the conversation pass, and a deletion of an account have it erased. */
  const expire = async (conversationId: number) => {
    await app.rows(
      `UPDATE conversations SET deleted_at = deleted_at - interval '5 minutes' WHERE id = $1`,
      [conversationId],
    );
    const { token } = await person();
    await app.call('/users/me', { method: 'DELETE', token });
  };

  it('is gone at once, however much it is, and erased in batches', async () => {
    const ann = await person();
    const conversationId = await create(ann);
    await fill(conversationId);
    const path = `/agent/conversations/${conversationId}`;
    const removed = await app.call(path, { method: 'DELETE', token: ann.token });
    expect(removed.status).to.equal(200);
    expect(await count('FROM messages WHERE conversation_id = $1', conversationId)).to.be.above(0);
    for (const gone of [path, `${path}/messages`])
      expect((await app.call(gone, { token: ann.token })).status).to.equal(404);
    await expire(conversationId);
    await eventually(
      () => count('FROM conversations WHERE id = $1', conversationId),
      (left) => left === 0,
    );
    expect(await count('FROM messages WHERE conversation_id = $1', conversationId)).to.equal(0);
  });

  it('with its answer still running costs what the model was asked for, once', async () => {
    const ann = await person();
    const held = app.upstream.next();
    const device = await app.device(ann);
    const content = 'Tell me a long story about a ship.';
    const { conversation } = await device.ask('message:send', { client_id: 'story', content });
    await held.opened;
    held.write('Once upon a time there was a ship ', 'that sailed the seven seas.');
    await device.until('message:delta');
    await device.ask('conversation:delete', { conversation_id: conversation.id });
    await held.closed;
    const tokens = await eventually(
      () => today(ann),
      (used) => used > 0,
    );
    expect(tokens).to.be.above(15);
    await expire(conversation.id);
    const erased = () => count('FROM conversations WHERE id = $1', conversation.id);
    await eventually(erased, (left) => left === 0);
    expect(await today(ann)).to.equal(tokens);
  });

  it('is not asked of the model any more when it waited', async () => {
    const ann = await person();
    const held = app.upstream.next();
    const device = await app.device(ann);
    const first = await device.ask('message:send', { client_id: 'first', content: 'one' });
    await held.opened;
    const conversation_id = first.conversation.id;
    await device.ask('message:send', { client_id: 'second', content: 'two', conversation_id });
    const asked = app.upstream.requests.length;
    await device.ask('conversation:delete', { conversation_id });
    await held.closed;
    await eventually(
      () => count('FROM generations WHERE conversation_id = $1', conversation_id),
      (left) => left === 0,
    );
    expect(app.upstream.requests.length).to.equal(asked);
  });

  it('takes no further question, also one that waits for the deletion', async () => {
    const ann = await person();
    const conversation_id = await create(ann);
    const device = await app.device(ann);
    const other = createClient(app.databaseUrl);
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [conversation_id]);
      const locks = (wanted: number) =>
        eventually(
          () =>
            count(
              `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
            ),
          (found) => found === wanted,
        );
      const removed = device.ask('conversation:delete', { conversation_id });
      await locks(1);
      const message = { client_id: 'late', content: 'late', conversation_id };
      const sent = device.emit('message:send', message);
      await locks(2);
      await other.query('COMMIT');
      await removed;
      expect(await sent).to.have.nested.property('error.code', 'not_found');
    } finally {
      await other.end();
    }
  });

  it('of an account frees its address and name at once, and nothing of it stays', async () => {
    const ann = await person();
    const boss = await person();
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [boss.id],
    );
    const conversationId = await create(ann);
    await fill(conversationId);
    await app.call('/agent/chat', { token: ann.token, body: { message: 'hello' } });
    const held = app.upstream.next();
    const device = await app.device(ann);
    await device.ask('message:send', { client_id: 'running', content: 'go on' });
    await held.opened;
    const { status } = await app.call('/users/me', { method: 'DELETE', token: ann.token });
    expect(status).to.equal(200);
    await held.closed;
    expect((await app.call('/users/me', { token: ann.token })).body.code).to.equal(
      'session_revoked',
    );
    const { email, password } = ann;
    const login = await app.call('/auth/login', { body: { email, password } });
    expect(login.body.code).to.equal('invalid_credentials');
    const listed = await app.call<User[]>('/admin/users?limit=100', { token: boss.token });
    expect(listed.body.map(({ id }) => id))
      .to.include(boss.id)
      .and.not.include(ann.id);
    const change = { method: 'PATCH', token: boss.token, body: { is_active: true } };
    expect((await app.call(`/admin/users/${ann.id}`, change)).status).to.equal(404);
    const { username } = ann;
    const again = await app.call<TokenResponse>('/auth/register', {
      body: { email, username, password },
    });
    expect(again.status).to.equal(201);
    await eventually(
      () => count('FROM users WHERE id = $1', ann.id),
      (left) => left === 0,
    );
    expect(await count('FROM messages WHERE conversation_id = $1', conversationId)).to.equal(0);
    for (const table of [
      'usage_days',
      'usage_models',
      'generations',
      'conversation_members',
      'sessions',
    ])
      expect(await count(`FROM ${table} WHERE user_id = $1`, ann.id), table).to.equal(0);
  });
});

describe('One that cannot be erased', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp();
  });
  after(() => app?.stop());

  const gone = (table: string, id: number) =>
    eventually(
      () => app.rows(`SELECT 1 FROM ${table} WHERE id = $1`, [id]),
      (rows) => rows.length === 0,
    );
  const FAULTS = {
    'at its delete': 'CREATE TRIGGER',
    'at the commit': 'CREATE CONSTRAINT TRIGGER',
  };

  for (const [when, create] of Object.entries(FAULTS)) {
    it(`fails ${when}, and holds up no other conversation and no account`, async () => {
      const [ann, bea] = await Promise.all([app.register('ann1'), app.register('bea1')]);
      const made = async () =>
        (await app.call<Conversation>('/agent/conversations', { token: ann.token, body: {} })).body
          .id;
      const remove = (id: number) =>
        app.call(`/agent/conversations/${id}`, { method: 'DELETE', token: ann.token });
      const [bad, good] = [await made(), await made()];
      const deferred = create.includes('CONSTRAINT') ? 'DEFERRABLE INITIALLY DEFERRED' : '';
      await app.rows(
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
         ${create} refuse AFTER DELETE ON conversations ${deferred}
         FOR EACH ROW WHEN (OLD.id = ${bad}) EXECUTE FUNCTION refuse()`,
      );
      await remove(bad);
      await remove(good);
      await app.rows(
        `UPDATE conversations SET deleted_at = deleted_at - interval '5 minutes' WHERE id = ANY($1)`,
        [[bad, good]],
      );
      await app.call('/users/me', { method: 'DELETE', token: bea.token });
      await gone('conversations', good);
      await gone('users', bea.id);
      expect(await app.rows('SELECT 1 FROM conversations WHERE id = $1', [bad])).to.have.length(1);
      await app.rows('DROP FUNCTION refuse CASCADE');
      await app.call('/users/me', { method: 'DELETE', token: ann.token });
    });
  }
});

describe('An answer that only has to end', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp();
  });
  after(() => app?.stop());

  it('after a take-over, because it was stopped, costs what was asked and kept', async () => {
    const ann = await app.register('ann');
    const held = app.upstream.next();
    const device = await app.device(ann);
    const content = 'What is the answer to everything?';
    const sent = await device.ask('message:send', { client_id: 'q', content });
    await held.opened;
    held.write('Forty-two, as everybody knows by now.');
    await device.until('message:delta');
    await app.rows(
      `UPDATE generations SET node_id = 'gone', stop_requested = true,
         lease_expires_at = clock_timestamp() - interval '1 second'`,
    );
    const end = await device.ended(sent.assistant_message.id);
    expect(end).to.include({ status: 'stopped', attempt: 2 });
    expect(end.usage?.total_tokens).to.be.above(15);
    const { body } = await app.call<UsageReport>('/users/me/usage', { token: ann.token });
    expect(body.day.tokens).to.equal(end.usage?.total_tokens);
  });
});

describe('Calls that cost much', () => {
  let app: TestApp;
  let other: pg.Client;

  before(async () => {
    app = await startApp({ DB_POOL_MAX: '12' });
    other = createClient(app.databaseUrl);
    await other.connect();
  });
  after(async () => {
    await other?.end();
    await app?.stop();
  });

  /** Runs while every statement about members waits, including lists and searches. */
  const held = async <T>(work: () => Promise<T>): Promise<T> => {
    await other.query('BEGIN; LOCK TABLE conversation_members IN ACCESS EXCLUSIVE MODE');
    try {
      return await work();
    } finally {
      await other.query('ROLLBACK');
    }
  };
  const searches = (accounts: Account[], q = 'x') =>
    accounts.map(({ token }) => app.call(`/agent/conversations?q=${q}`, { token }));

  it('are two at a time for a user, and have a time limit', async () => {
    const ann = await app.register('ann');
    const all = await held(() => Promise.all(searches([ann, ann, ann])));
    expect(all.map(({ body }) => body.code).toSorted()).to.deep.equal([
      'rate_limited',
      'unavailable',
      'unavailable',
    ]);
    const [again] = await Promise.all(searches([ann]));
    expect(again?.status).to.equal(200);
  });

  it('are a quarter of the pool for all users together, so that others are served meanwhile', async () => {
    const users = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) => app.register(`${name}${name}${name}`)),
    );
    const [first] = users;
    if (!first) throw new Error('nobody is there');
    const all = await held(async () => {
      const running = searches(users);
      const me = await app.call('/users/me/sessions', { token: first.token });
      expect(me.status).to.equal(200);
      return Promise.all(running);
    });
    const refused = all.filter(({ body }) => body.code === 'rate_limited');
    expect(refused).to.have.length(2);
  });

  it('find their places while downloads keep those of downloads', async () => {
    const users = await Promise.all(['x', 'y', 'z'].map((name) => app.register(name.repeat(4))));
    await other.query('BEGIN; LOCK TABLE usage_days IN ACCESS EXCLUSIVE MODE');
    const downloads = users.map(({ token }) => app.call('/users/me/export', { token }));
    const waiting = () =>
      app.rows<{ count: string }>(
        `SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%usage_days%'`,
      );
    await eventually(waiting, ([row]) => Number(row?.count) === users.length);
    const found = await Promise.all(searches(users));
    await other.query('ROLLBACK');
    expect(found.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect((await Promise.all(downloads)).map(({ status }) => status)).to.deep.equal([
      200, 200, 200,
    ]);
  });

  it('take no connection from leases, sessions and health', async () => {
    const ann = await app.register('busy');
    const names = ['busy1', 'busy2', 'busy3', 'busy4'];
    const people = await Promise.all(names.map((name) => app.register(name)));
    const answered = app.upstream.next();
    const device = await app.device(ann);
    const sent = await device.ask('message:send', { client_id: 'q', content: 'Go on.' });
    await answered.opened;
    answered.write('It goes ');
    await device.until('message:delta');
    await held(async () => {
      const lists = people.flatMap(({ token }) =>
        Array.from({ length: 3 }, () => app.call('/agent/conversations', { token })),
      );
      // The claim of webhooks comes once a second and may wait in the place of a list.
      const waiting = () =>
        app.rows<{ count: string }>(
          `SELECT count(*) FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
      await eventually(waiting, ([row]) => Number(row?.count) === 9);
      expect((await fetch(`${app.url}/health/ready`)).status).to.equal(200);
      const before = await app.rows<{ at: Date }>('SELECT lease_expires_at AS at FROM generations');
      const renewed = () =>
        app.rows<{ at: Date }>('SELECT lease_expires_at AS at FROM generations');
      await eventually(renewed, ([row]) => Number(row?.at) > Number(before[0]?.at));
      expect((await app.call('/users/me', { token: ann.token })).status).to.equal(200);
      answered.write('on.');
      answered.finish();
      return { lists };
    }).then(({ lists }) => Promise.all(lists));
    expect(await device.ended(sent.assistant_message.id)).to.include({
      status: 'completed',
      attempt: 1,
    });
  });
});
