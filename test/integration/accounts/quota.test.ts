import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { judged } from '../../../lab/people/judged.js';
import { createClient } from '../../../lab/stores/client.js';
import type { ManagedUser, Role } from '../../../src/contract/admin.js';
import type { ChatProblem, Problem } from '../../../src/contract/errors.js';
import type { ChatResponse, Message } from '../../../src/contract/rest.js';
import type { UsageList, UsageReport, UsageSums } from '../../../src/contract/usage.js';

/** The model server reports this usage for every answer. */
const EACH = 12;
const DAY_MS = 86_400_000;
const today = () => new Date().toISOString().slice(0, 10);
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: EACH };

describe('Quotas', () => {
  let app: TestApp;
  let faults: string[];
  let users = 0;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ GENERATIONS_PER_USER: '3' })));
    app.upstream.otherwise(answer('Hello there.', { usage: USAGE }));
  });
  after(() => app?.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  /** A user with a role for each pair of limits. */
  const userWith = async (...limits: [day: number | null, month: number | null][]) => {
    users += 1;
    const account = await app.register(`user${users}`);
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [account.id]);
    for (const [n, [day, month]] of limits.entries()) {
      await app.rows(
        `WITH r AS (INSERT INTO roles (name, permissions, tokens_per_day, tokens_per_month)
           SELECT $1, permissions, $2, $3 FROM roles WHERE name = 'user' RETURNING id)
         INSERT INTO user_roles (user_id, role_id) SELECT $4, id FROM r`,
        [`plan ${users}.${n}`, day, month, account.id],
      );
    }
    return account;
  };

  const chat = ({ token }: Account, client_id?: string) =>
    app.call<Omit<ChatProblem, 'status'> & ChatResponse>('/agent/chat', {
      token,
      body: { message: 'q', ...(client_id && { client_id }) },
    });

  const usageOf = async ({ token }: Account) =>
    (await app.call<UsageReport>('/users/me/usage', { token })).body;

  it('count the tokens of prompts and answers by day and month', async () => {
    const ada = await userWith([null, null]);
    const period = { tokens: 0, reserved: 0, limit: null, cost: null };
    expect(await usageOf(ada)).to.deep.equal({
      ...{ day: period, month: period },
      ...{ by_model: [], days: [] },
    });
    await chat(ada);
    await chat(ada);
    const used = { ...period, tokens: 2 * EACH };
    const { days, ...report } = await usageOf(ada);
    expect(report).to.deep.equal({
      ...{ day: used, month: used },
      by_model: [{ model: 'test-model', tokens: 2 * EACH, cost: null }],
    });
    expect(days).to.deep.equal([{ day: today(), tokens: 2 * EACH, cost: null }]);
  });

  it('are reported as of one moment, though answers end meanwhile', async () => {
    const ada = await userWith([null, null]);
    const other = createClient(app.databaseUrl);
    await other.connect();
    await other.query('BEGIN; LOCK TABLE usage_models IN ACCESS EXCLUSIVE MODE');
    await other.query('INSERT INTO usage_days (user_id, tokens) VALUES ($1, 7)', [ada.id]);
    await other.query(
      "INSERT INTO usage_models (user_id, model, currency, tokens, cost) VALUES ($1, 'm', '', 7, 0)",
      [ada.id],
    );
    const asked = usageOf(ada);
    await eventually(
      () => app.rows('SELECT 1 FROM pg_locks WHERE NOT granted'),
      ({ length }) => length > 0,
    );
    await other.query('COMMIT');
    await other.end();
    const { day, month, by_model, days } = await asked;
    const sums = [day.tokens, month.tokens, by_model[0]?.tokens, days[0]?.tokens];
    expect(sums).to.deep.equal([7, 7, 7, 7]);
  });

  it('refuse a message before anything is stored or the model is asked, until the day is over', async () => {
    const ada = await userWith([EACH, 1_000]);
    await chat(ada);
    const asked = app.upstream.requests.length;
    const refused = await chat(ada);
    expect([refused.status, refused.body.code]).to.deep.equal([429, 'quota_exceeded']);
    expect(refused.body.retry_after_ms).to.be.within(1, DAY_MS);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, DAY_MS / 1000);
    const device = await app.device(ada);
    const ack = await device.emit('message:send', { client_id: 'a', content: 'q' });
    expect(ack).to.have.nested.property('error.code', 'quota_exceeded');
    expect(app.upstream.requests).to.have.length(asked);
    const { conversations } = await device.ask('conversation:list', {});
    expect(conversations).to.have.length(1);
  });

  it('leave messages that ask nobody to whoever has used them up', async () => {
    const device = await app.device(await userWith([0, null]));
    const { conversation } = await device.ask('conversation:create', {});
    const send = (client_id: string, content: string, more = {}) =>
      device.emit('message:send', {
        conversation_id: conversation.id,
        client_id,
        content,
        ...more,
      });
    const note = await send('a', 'a note', { answer: false });
    expect(note.ok).to.equal(true);
    await device.ask('conversation:update', {
      conversation_id: conversation.id,
      reply_mode: 'mention',
    });
    expect((await send('b', 'to people')).ok).to.equal(true);
    expect(await send('c', 'to the model, @ai')).to.have.nested.property(
      'error.code',
      'quota_exceeded',
    );
    const message_id = note.ok ? note.data.user_message.id : 0;
    const edit = { message_id, client_id: 'd', content: 'changed' };
    expect((await device.emit('message:edit', edit)).ok).to.equal(true);
  });

  it('refuse until the month is over when that is used up', async () => {
    const ada = await userWith([1_000, EACH]);
    await chat(ada);
    const { body } = await chat(ada);
    const now = new Date();
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    expect(body.code).to.equal('quota_exceeded');
    expect(body.retry_after_ms).to.be.closeTo(next - now.getTime(), 60_000);
  });

  it('do not count what was used before this month', async () => {
    const ada = await userWith([EACH, EACH]);
    await app.rows(
      `INSERT INTO usage_days (user_id, day, tokens)
       VALUES ($1, date_trunc('month', now() AT TIME ZONE 'UTC')::date - 1, 1000)`,
      [ada.id],
    );
    expect((await chat(ada)).status).to.equal(200);
    expect((await usageOf(ada)).month.tokens).to.equal(EACH);
  });

  it('are the largest of a user’s roles, and none when one of these has none', async () => {
    const limits = async (...given: [number | null, number | null][]) => {
      const { day, month } = await usageOf(await userWith(...given));
      return [day.limit, month.limit];
    };
    expect(await limits([5, 50], [7, 20])).to.deep.equal([7, 50]);
    expect(await limits([5, 50], [null, 20])).to.deep.equal([null, 50]);
    expect(await limits([0, 0])).to.deep.equal([0, 0]);
  });

  it('give the first result again to a repeated send, though they are used up', async () => {
    const ada = await userWith([EACH, null]);
    const first = await chat(ada, 'once');
    const again = await chat(ada, 'once');
    expect([again.status, again.body.message_id]).to.deep.equal([200, first.body.message_id]);
  });

  it('end an answer that waited while they were used up or lowered, without asking the model', async () => {
    const ada = await userWith([10_000, null]);
    const device = await app.device(ada);
    const held = [app.upstream.next(), app.upstream.next(), app.upstream.next()];
    const sent = [];
    for (const client_id of ['1', '2', '3']) {
      sent.push(await device.ask('message:send', { client_id, content: 'q' }));
    }
    await Promise.all(held.map(({ opened }) => opened));
    const asked = app.upstream.requests.length;
    const waiting = chat(ada);
    await eventually(
      () => app.rows(`SELECT FROM generations WHERE user_id = $1 AND state = 'queued'`, [ada.id]),
      (queued) => queued.length === 1,
    );
    await app.rows(
      `UPDATE roles SET tokens_per_day = $2 WHERE id IN (SELECT role_id FROM user_roles WHERE user_id = $1)`,
      [ada.id, EACH],
    );
    held[0]?.finish({ usage: USAGE });
    const refused = await waiting;
    const { body } = refused;
    expect([refused.status, body.code, body.message_status]).to.deep.equal([
      429,
      'quota_exceeded',
      'failed',
    ]);
    expect(app.upstream.requests).to.have.length(asked);
    const path = `/agent/conversations/${body.conversation_id}/messages`;
    const { body: messages } = await app.call<Message[]>(path, { token: ada.token });
    expect(messages.at(-1)?.error?.code).to.equal('quota_exceeded');
    held[1]?.finish({ usage: USAGE });
    held[2]?.finish({ usage: USAGE });
    for (const { assistant_message } of sent) {
      expect(await device.ended(assistant_message.id)).to.include({ status: 'completed' });
    }
    expect((await usageOf(ada)).day.tokens, 'what ran when it was used up').to.equal(3 * EACH);
  });

  it('count what is known of stopped answers, and nothing for those that failed', async () => {
    const ada = await userWith([null, null]);
    app.upstream.script(status(400));
    expect((await chat(ada)).status).to.equal(502);
    expect((await usageOf(ada)).day.tokens).to.equal(0);
    const device = await app.device(ada);
    const held = app.upstream.next();
    held.write('some words that were said');
    const sent = await device.ask('message:send', { client_id: 'stopped', content: 'q' });
    const { id } = sent.assistant_message;
    await device.until('message:delta', (delta) => delta.message_id === id);
    await device.ask('generation:stop', { message_id: id });
    const { usage } = await device.ended(id);
    expect(usage?.estimated).to.equal(true);
    expect((await usageOf(ada)).day.tokens)
      .to.equal(usage?.total_tokens)
      .and.above(0);
  });

  it('count an answer once, however many attempts it took', async () => {
    const ada = await userWith([null, null]);
    const lost = app.upstream.next();
    lost.write('half of it');
    const device = await app.device(ada);
    const sent = await device.ask('message:send', { client_id: 'lost', content: 'q' });
    await device.until('message:delta');
    await app.restart();
    const [ended] = await eventually(
      () =>
        app.rows<{ status: string; attempt: number }>(
          'SELECT status, attempt FROM messages WHERE id = $1',
          [sent.assistant_message.id],
        ),
      ([message]) => message?.status === 'completed',
    );
    expect(ended?.attempt).to.equal(2);
    expect((await usageOf(ada)).day.tokens).to.equal(EACH);
  });

  it('show administrators what every user has used, page by page, with totals', async () => {
    const [ada, eve] = [await userWith([100, null]), await userWith([null, 1_000])];
    await chat(ada);
    await chat(eve);
    const refused = await app.call<Problem>('/admin/usage', { token: ada.token });
    expect(refused.body.code).to.equal('forbidden');
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [eve.id],
    );
    const first = await app.call<UsageList>('/admin/usage?limit=1', { token: eve.token });
    expect(first.body.users).to.deep.equal([
      {
        id: eve.id,
        username: eve.username,
        day: { tokens: EACH, limit: null },
        month: { tokens: EACH, limit: null },
      },
    ]);
    const [sums] = await app.rows<{ day: string; month: string }>(
      `SELECT sum(tokens) FILTER (WHERE day = (now() AT TIME ZONE 'UTC')::date) AS day,
         sum(tokens) FILTER (WHERE day >= date_trunc('month', now() AT TIME ZONE 'UTC')) AS month FROM usage_days`,
    );
    expect(first.body.totals).to.deep.equal({
      day: { tokens: Number(sums?.day) },
      month: { tokens: Number(sums?.month) },
    });
    const next = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await app.call<UsageList>(next, { token: eve.token });
    expect(second.body.users[0]).to.deep.include({
      username: ada.username,
      day: { tokens: EACH, limit: 100 },
    });
  });

  it('sum what was used by user, model and day, with the most first', async () => {
    const [ada, eve] = [await userWith([null, null]), await userWith([null, null])];
    await app.rows('DELETE FROM usage_days; DELETE FROM usage_models');
    await chat(ada);
    await chat(ada);
    await chat(eve);
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [eve.id],
    );
    await app.rows(
      `INSERT INTO usage_models (user_id, day, model, currency, tokens, cost)
       VALUES ($1, (now() AT TIME ZONE 'UTC')::date, 'priced', 'USD', 5, 0.25)`,
      [ada.id],
    );
    const sums = async (by: string) =>
      (await app.call<UsageSums>(`/admin/usage?by=${by}`, { token: eve.token })).body;
    const user = ({ id, username }: Account) => ({ id, username });
    expect(await sums('user')).to.deep.equal({
      by: 'user',
      rows: [
        { user: user(ada), tokens: 2 * EACH, cost: 0.25 },
        { user: user(eve), tokens: EACH, cost: null },
      ],
    });
    expect(await sums('model')).to.deep.equal({
      by: 'model',
      rows: [
        { model: 'test-model', tokens: 3 * EACH, cost: null },
        { model: 'priced', tokens: 5, cost: 0.25 },
      ],
    });
    await app.rows(
      `INSERT INTO usage_days (user_id, day, tokens) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - 30, 7),
         ($1, (now() AT TIME ZONE 'UTC')::date - 31, 9)`,
      [eve.id],
    );
    const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
    expect(await sums('day')).to.deep.equal({
      by: 'day',
      rows: [
        { day: day(30), tokens: 7, cost: null },
        { day: day(0), tokens: 3 * EACH, cost: 0.25 },
      ],
    });
    const wrong = await app.call<Problem>('/admin/usage?by=hour', { token: eve.token });
    expect(wrong.body.code).to.equal('validation_failed');
    const refused = await app.call<Problem>('/admin/usage?by=user', { token: ada.token });
    expect(refused.body.code).to.equal('forbidden');
  });

  it('are set by administrators, role by role, and count at once', async () => {
    const [ada, eve] = [await userWith([null, null]), await userWith([null, null])];
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [eve.id],
    );
    const { token } = eve;
    const [{ name } = { name: '' }] = await app.rows<{ name: string }>(
      'SELECT name FROM roles r JOIN user_roles ur ON ur.role_id = r.id WHERE ur.user_id = $1',
      [ada.id],
    );
    const path = `/admin/roles/${encodeURIComponent(name)}`;
    const change = (body: unknown) =>
      app.call<Problem & Role>(path, { method: 'PATCH', token, body });
    const { status, body } = await change({ tokens_per_day: 5, tokens_per_month: 50 });
    expect(status).to.equal(200);
    expect(body).to.deep.include({ tokens_per_day: 5, tokens_per_month: 50 });
    expect(body.permissions).to.include('messages:send');
    expect((await usageOf(ada)).day).to.deep.include({ tokens: 0, limit: 5 });
    expect((await change({ tokens_per_day: null })).body).to.deep.include({
      tokens_per_day: null,
      tokens_per_month: 50,
    });
    for (const wrong of [-1, 1.5, '7']) {
      expect((await change({ tokens_per_day: wrong })).body.code).to.equal('validation_failed');
    }
  });

  it('may be those of one user, larger or smaller than those of the roles, and count at once', async () => {
    const [ada, eve] = [await userWith([5, 50]), await userWith([null, null])];
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
      [eve.id],
    );
    const { token } = eve;
    const change = (body: unknown) =>
      app.call<Problem & ManagedUser>(`/admin/users/${ada.id}`, { method: 'PATCH', token, body });
    const limits = async () => {
      const { day, month } = await usageOf(ada);
      return [day.limit, month.limit];
    };
    expect((await change({ tokens_per_day: 1_000 })).body).to.deep.include({
      ...{ id: ada.id, tokens_per_day: 1_000, tokens_per_month: null },
    });
    expect(await limits()).to.deep.equal([1_000, 50]);
    expect((await chat(ada)).status).to.equal(200);
    await change({ tokens_per_day: EACH });
    expect((await chat(ada)).body.code).to.equal('quota_exceeded');
    const { body: seen } = await app.call<UsageReport>(`/admin/users/${ada.id}/usage`, { token });
    expect(seen).to.deep.equal(await usageOf(ada));
    const refused = await app.call<Problem>(`/admin/users/${eve.id}/usage`, { token: ada.token });
    expect(refused.body.code).to.equal('forbidden');
    await change({ tokens_per_day: null, is_active: true });
    expect(await limits()).to.deep.equal([5, 50]);
    const entries = await app.rows<{ details: object }>(
      `SELECT details FROM audit_log WHERE action = 'quota_changed' AND subject_id = $1 ORDER BY id`,
      [ada.id],
    );
    expect(entries.map(({ details }) => details)).to.deep.equal([
      { tokens_per_day: 1_000, tokens_per_month: null },
      { tokens_per_day: EACH, tokens_per_month: null },
      { tokens_per_day: null, tokens_per_month: null },
    ]);
    for (const wrong of [-1, 1.5, '7']) {
      expect((await change({ tokens_per_month: wrong })).body.code).to.equal('validation_failed');
    }
  });

  it('of one user alone hold back an answer that would pass them while it runs', async () => {
    const ada = await userWith([null, null]);
    await app.rows('UPDATE users SET tokens_per_day = 1500 WHERE id = $1', [ada.id]);
    const held = app.upstream.next();
    const asked = app.call<ChatResponse & { status: string }>('/agent/chat', {
      token: ada.token,
      body: { message: 'q' },
    });
    held.write('word '.repeat(4_000));
    expect((await asked).body.status).to.equal('stopped');
  });

  it('keep 400 days, and nothing of an account that is deleted', async () => {
    const ada = await userWith([null, null]);
    const days = async () =>
      (await app.rows('SELECT day FROM usage_days WHERE user_id = $1', [ada.id])).length;
    await app.rows(
      `INSERT INTO usage_days (user_id, day, tokens)
       SELECT $1, (now() AT TIME ZONE 'UTC')::date - n, 1 FROM unnest(ARRAY[399, 402, 500]) AS n`,
      [ada.id],
    );
    await chat(ada);
    expect(await days()).to.equal(2);
    await app.call('/users/me', { method: 'DELETE', token: ada.token });
    expect(await days()).to.equal(0);
  });
});
