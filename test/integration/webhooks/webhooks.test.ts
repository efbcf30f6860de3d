import { expect } from 'chai';
import { Webhook as Verifier } from 'standardwebhooks';
import { eventually } from '../../../lab/eventually.js';
import { answer, endWithoutFinish, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { withKey } from '../../../lab/people/keys.js';
import { type Receiver, respond, startReceiver, type Told } from '../../../lab/people/receiver.js';
import { type RecordedTelemetry, recordTelemetry } from '../../../lab/recorded-telemetry.js';
import { LIMITS } from '../../../src/contract/limits.js';
import type { ChatResponse } from '../../../src/contract/rest.js';
import type { NewWebhook, Webhook, WebhookEvent } from '../../../src/contract/webhooks.js';

const BOTH: WebhookEvent[] = ['answer.completed', 'answer.failed'];
/** Much longer than the few seconds until a try begins, and much shorter than a lease. */
const SOON_MS = 15_000;

/** A failure that is not tried again before the test says so. */
const refuse = respond(500, { 'retry-after': '600' });

const headersOf = ({ headers }: Told) => headers as Record<string, string>;
const idsOf = (told: readonly Told[]) => told.map((one) => headersOf(one)['webhook-id']);

const MEMBER = 'SELECT user_id FROM conversation_members WHERE conversation_id = $1';
/** Why a webhook of the only member of conversation `$1` is not told of it any more. */
const NO_MORE = {
  'its user has left': 'DELETE FROM conversation_members WHERE conversation_id = $1',
  'its user is disabled': `UPDATE users SET is_active = false WHERE id IN (${MEMBER})`,
  'its user may not read': `DELETE FROM user_roles WHERE user_id IN (${MEMBER})`,
  'the answer was deleted': 'UPDATE messages SET deleted_at = now() WHERE conversation_id = $1',
  'the conversation was deleted': 'UPDATE conversations SET deleted_at = now() WHERE id = $1',
};

describe('A webhook', () => {
  let app: TestApp;
  let recorded: RecordedTelemetry;
  let receiver: Receiver;
  let ann: Account;
  let serial = 0;

  before(async () => {
    recorded = recordTelemetry();
    const env = { LIMIT_SCALE: '0', WEBHOOK_ALLOW_PRIVATE: 'true' };
    app = await startApp(env, recorded.telemetry);
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    [receiver, ann] = await Promise.all([startReceiver(), app.register(`ann${serial}`)]);
  });
  afterEach(async () => {
    await app.rows('DELETE FROM webhooks');
    await receiver.stop();
  });

  const create = async (
    { token } = ann,
    url = `${receiver.url}/hook?secret=1`,
    events: readonly string[] = BOTH,
  ) => {
    const made = await app.call<NewWebhook>('/users/me/webhooks', { token, body: { url, events } });
    expect(made.status).to.equal(201);
    return made.body;
  };
  const list = async ({ token } = ann) =>
    (await app.call<Webhook[]>('/users/me/webhooks', { token })).body;
  const ask = async (message = 'hi', conversation_id?: number, { token } = ann) => {
    const body = { message, ...(conversation_id && { conversation_id }) };
    return (await app.call<ChatResponse>('/agent/chat', { token, body })).body;
  };
  const waiting = () =>
    app.rows<{ id: string; attempts: number }>(
      'SELECT id, attempts FROM webhook_deliveries WHERE user_id = $1',
      [ann.id],
    );
  /** Everything that has ended was told, or will not be. */
  const allTold = () =>
    eventually(
      () => app.rows('SELECT FROM notifications'),
      (rows) => rows.length === 0,
    );
  const failedOnce = () =>
    eventually(waiting, ([one, ...more]) => one?.attempts === 1 && more.length === 0);
  const dueNow = () => app.rows('UPDATE webhook_deliveries SET due_at = now()');
  const results = () => recorded.calls.webhook.map(({ result }) => result);

  it('is told of an answer within seconds, signed so that others can verify it', async () => {
    const { secret, ...hook } = await create();
    expect(hook).to.have.all.keys('id', 'url', 'events', 'created_at');
    const asked = await ask();
    const answered = performance.now();
    const [told] = await receiver.until(1);
    if (!told) throw new Error('nothing was told');
    expect(told.at - answered).to.be.below(SOON_MS);
    expect(told.path).to.equal('/hook?secret=1');
    expect(new Verifier(secret).verify(told.text, headersOf(told))).to.deep.equal(told.payload);
    const { type, timestamp, data } = told.payload;
    expect(type).to.equal('answer.completed');
    expect(new Date(timestamp).toISOString()).to.equal(timestamp);
    const { conversation_id, message_id } = asked;
    expect(data).to.deep.include({ conversation_id, message_id, user_id: ann.id });
    expect(data).to.deep.include({ status: 'completed', finish_reason: 'stop', error: null });
    expect(data.usage).to.deep.include({ total_tokens: 12 });
    expect(told.text).to.not.include('Hello there');
    const [listed] = await eventually(list, ([one]) => one?.last_delivery != null);
    expect(listed).to.deep.include(hook);
    expect(listed?.last_delivery).to.include({ ok: true, status: 204 });
    expect(JSON.stringify(listed)).to.not.include(secret);
    await eventually(waiting, (rows) => rows.length === 0);
  });

  it('is told that an answer failed, or broke off, but not that somebody stopped it', async () => {
    await create();
    app.upstream.script(status(400), endWithoutFinish('half'));
    await ask('one');
    await ask('two');
    const held = app.upstream.next();
    const before = app.upstream.requests.length;
    app.upstream.script(answer('last'));
    const device = await app.device(ann);
    const client_id = `c-${serial}`;
    const sent = await device.ask('message:send', { client_id, content: 'three' });
    await device.emit('conversation:close', { conversation_id: sent.conversation.id });
    await app.upstream.request(before + 1);
    await device.ask('generation:stop', { message_id: sent.assistant_message.id });
    held.finish();
    await ask('four');
    await allTold();
    const told = (await receiver.until(3)).map(({ payload }) => [
      payload.type,
      payload.data.status,
    ]);
    expect(told).to.have.deep.members([
      ['answer.failed', 'failed'],
      ['answer.failed', 'interrupted'],
      ['answer.completed', 'completed'],
    ]);
    const errors = receiver.told.map(({ payload }) => payload.data.error?.code);
    expect(errors).to.include('provider_error');
  });

  it('hears only the events that it names', async () => {
    const other = await startReceiver();
    await create(ann, receiver.url, ['answer.failed']);
    await create(ann, other.url, ['answer.completed']);
    app.upstream.script(status(400), answer('ok'));
    await ask();
    await ask();
    await Promise.all([receiver.until(1), other.until(1)]);
    await allTold();
    const types = [...receiver.told, ...other.told].map(({ payload }) => payload.type);
    expect(types).to.deep.equal(['answer.failed', 'answer.completed']);
    await other.stop();
  });

  it('is tried again with the same id, within seconds at first', async () => {
    const { secret } = await create();
    receiver.script(respond(500));
    await ask();
    const [first, second] = await receiver.until(2);
    if (!first || !second) throw new Error('not told twice');
    expect(second.at - first.at).to.be.below(SOON_MS);
    expect(idsOf([second])).to.deep.equal(idsOf([first]));
    expect(headersOf(first)['webhook-id']).to.match(/^msg_[\w-]{36}$/);
    expect(second.text).to.equal(first.text);
    for (const told of [first, second]) new Verifier(secret).verify(told.text, headersOf(told));
    await eventually(waiting, (rows) => rows.length === 0);
  });

  it('is not followed when it leads elsewhere', async () => {
    await create();
    receiver.script(respond(302, { location: `${receiver.url}/elsewhere` }));
    await ask();
    await failedOnce();
    expect((await list())[0]?.last_delivery).to.include({ ok: false, status: 302 });
    expect(receiver.told.map(({ path }) => path)).to.deep.equal(['/hook?secret=1']);
  });

  it('is left alone as long as its receiver asks, for an hour at most', async () => {
    await create();
    const asks = (seconds: number) => respond(429, { 'retry-after': String(seconds) });
    receiver.script(asks(600), asks(99_999));
    const waitS = async () => {
      const [row] = await app.rows<{ s: number }>(
        'SELECT extract(epoch FROM due_at - now())::float AS s FROM webhook_deliveries WHERE user_id = $1',
        [ann.id],
      );
      return row?.s;
    };
    await ask();
    await failedOnce();
    expect(await waitS()).to.be.within(500, 600);
    await dueNow();
    await eventually(waiting, ([one]) => one?.attempts === 2);
    expect(await waitS()).to.be.within(3_500, 3_600);
  });

  it('is deleted when its receiver is gone for good', async () => {
    const { id } = await create();
    receiver.script(respond(410));
    await ask();
    await eventually(list, (hooks) => hooks.length === 0);
    const entries = await app.rows(
      `SELECT action, actor_id::int, details FROM audit_log WHERE subject_id = $1 AND action LIKE 'webhook%' ORDER BY id`,
      [ann.id],
    );
    expect(entries).to.deep.equal([
      { action: 'webhook_created', actor_id: ann.id, details: { webhook: id, events: BOTH } },
      { action: 'webhook_deleted', actor_id: null, details: { webhook: id, gone: true } },
    ]);
    expect(await waiting()).to.deep.equal([]);
  });

  it('is given up after a day', async () => {
    await create();
    receiver.otherwise(refuse);
    await ask();
    await failedOnce();
    const before = results().length;
    await app.rows(
      `UPDATE webhook_deliveries SET created_at = now() - interval '24 hours', due_at = now() WHERE user_id = $1`,
      [ann.id],
    );
    await eventually(waiting, (rows) => rows.length === 0);
    expect(results().slice(before)).to.include('given_up');
  });

  it('that does not respond delays no other', async () => {
    const dead = await startReceiver();
    dead.otherwise(() => {});
    await create(ann, dead.url);
    await create();
    const asked = await Promise.all(Array.from({ length: 6 }, () => ask()));
    const told = await receiver.until(asked.length);
    const messages = told.map(({ payload }) => payload.data.message_id);
    expect(messages).to.have.members(asked.map(({ message_id }) => message_id));
    await eventually(
      () => dead.told.length,
      (count) => count === 4,
    );
    // A node that stops hands back what it has under way, and the next one tries again.
    const begun = idsOf(dead.told);
    dead.otherwise(respond(204));
    await app.restart();
    const restarted = performance.now();
    await dead.until(4 + asked.length);
    expect(performance.now() - restarted).to.be.below(SOON_MS);
    expect(new Set(idsOf(dead.told).slice(4)).size).to.equal(asked.length);
    expect(idsOf(dead.told).slice(4)).to.include.members(begun);
    await dead.stop();
  });

  it('that failed before leaves places to those that work', async () => {
    const dead = await startReceiver();
    dead.otherwise(() => {});
    const bob = await app.register(`bob${serial}`);
    const { conversation_id, message_id } = await ask('hi', undefined, bob);
    await app.rows(
      `WITH hooks AS (
         INSERT INTO webhooks (id, user_id, url, host, events, secret)
         SELECT gen_random_uuid(), $1, $2, 'host ' || n, '{answer.failed}', 'whsec_'
         FROM generate_series(1, 40) n RETURNING id)
       INSERT INTO webhook_deliveries (webhook_id, user_id, conversation_id, message_id, body, attempts)
       SELECT id, $1, $3, $4, '{}', 1 FROM hooks`,
      [bob.id, dead.url, conversation_id, message_id],
    );
    await dead.until(32);
    await create();
    await ask();
    await receiver.until(1);
    expect(dead.told).to.have.length(32);
    await dead.stop();
  });

  it('is not told of what its user looks at', async () => {
    await create();
    const first = await ask('first');
    const device = await app.device(ann);
    await receiver.until(1);
    await device.ask('conversation:open', { conversation_id: first.conversation_id });
    await ask('seen', first.conversation_id);
    await allTold();
    await device.ask('conversation:close', { conversation_id: first.conversation_id });
    const last = await ask('unseen', first.conversation_id);
    const [, told] = await receiver.until(2);
    expect(told?.payload.data.message_id).to.equal(last.message_id);
  });

  it('tells members whom the question names, and nobody else', async () => {
    const [bob, eve] = await Promise.all([
      app.register(`bob${serial}`),
      app.register(`eve${serial}`),
    ]);
    const { conversation_id } = await ask();
    await app.rows(
      `INSERT INTO conversation_members (conversation_id, user_id, role)
       VALUES ($1, $2, 'editor'), ($1, $3, 'viewer')`,
      [conversation_id, bob.id, eve.id],
    );
    for (const account of [ann, bob, eve]) await create(account);
    await ask(`@BOB${serial}, look. Not eve${serial}, nor x@eve${serial}.`, conversation_id);
    await ask(`Again without @bob${serial}x`, conversation_id);
    await receiver.until(3);
    await allTold();
    const users = receiver.told.map(({ payload }) => payload.data.user_id);
    expect(users).to.have.members([ann.id, bob.id, ann.id]);
    expect(new Set(idsOf(receiver.told)).size).to.equal(3);
  });

  for (const [why, sql] of Object.entries(NO_MORE)) {
    it(`tells nothing any more when ${why}`, async () => {
      await create();
      receiver.otherwise(refuse);
      const { conversation_id, message_id } = await ask();
      await failedOnce();
      const before = receiver.told.length;
      const counted = results().length;
      await app.rows(sql, [conversation_id]);
      await app.rows(
        `INSERT INTO notifications (event, data, conversation_id, message_id, user_id)
         VALUES ('answer.completed', '{}', $1, $2, $3)`,
        [conversation_id, message_id, ann.id],
      );
      await dueNow();
      await allTold();
      await eventually(waiting, (rows) => rows.length === 0);
      expect(receiver.told.length).to.equal(before);
      expect(results().slice(counted)).to.deep.equal(['dropped']);
    });
  }

  it('is gone at once with its account, and so is what waits for it', async () => {
    await create();
    receiver.otherwise(refuse);
    await ask();
    await failedOnce();
    const later = `1, 1, $1, now() + interval '1 hour'`;
    await app.rows(
      `WITH unspread AS (
         INSERT INTO notifications (event, data, conversation_id, message_id, user_id, due_at)
         VALUES ('answer.completed', '{}', ${later}))
       INSERT INTO webhook_deliveries (webhook_id, body, conversation_id, message_id, user_id, due_at)
       VALUES (NULL, '{}', ${later})`,
      [ann.id],
    );
    await app.call('/users/me', { method: 'DELETE', token: ann.token });
    for (const table of ['webhooks', 'webhook_deliveries', 'notifications'])
      expect(await app.rows(`SELECT FROM ${table} WHERE user_id = $1`, [ann.id])).to.have.length(0);
  });

  it('has a bounded number of deliveries that wait', async () => {
    const { id } = await create();
    receiver.otherwise(refuse);
    await app.rows(
      `INSERT INTO webhook_deliveries (webhook_id, user_id, conversation_id, message_id, body, due_at)
       SELECT $1, $2, 1, 1, '{}', now() + interval '1 hour' FROM generate_series(1, $3)`,
      [id, ann.id, LIMITS.waitingDeliveries],
    );
    await ask();
    await app.logged('webhook deliveries dropped');
    await allTold();
    expect(await waiting()).to.have.length(LIMITS.waitingDeliveries);
  });

  it('is one of so many, and its user’s own', async () => {
    const [first] = await Promise.all(Array.from({ length: LIMITS.webhooks }, () => create()));
    const body = { url: receiver.url, events: BOTH };
    const refused = await app.call('/users/me/webhooks', { token: ann.token, body });
    expect(refused.body.code).to.equal('conflict');
    expect(await list()).to.have.length(LIMITS.webhooks);
    const eve = await app.register(`eva${serial}`);
    const remove = (token: string) =>
      app.call(`/users/me/webhooks/${first?.id}`, { method: 'DELETE', token });
    expect((await remove(eve.token)).body.code).to.equal('not_found');
    expect((await remove((await withKey(app.url, ann)).token)).body.code).to.equal('forbidden');
    expect((await remove(ann.token)).status).to.equal(200);
    expect((await remove(ann.token)).body.code).to.equal('not_found');
    expect((await create()).id).to.be.a('string');
  });

  it('is refused without sense', async () => {
    const wrong = [
      {},
      { url: receiver.url },
      { url: receiver.url, events: [] },
      { url: receiver.url, events: ['answer.completed', 'answer.completed'] },
      { url: receiver.url, events: ['answer'] },
      { url: 'hook', events: BOTH },
      { url: 'ftp://example.com/', events: BOTH },
      { url: 'http://user:password@example.com/', events: BOTH },
      { url: `${receiver.url}/${'x'.repeat(LIMITS.webhookUrlChars)}`, events: BOTH },
    ];
    for (const body of wrong) {
      const refused = await app.call('/users/me/webhooks', { token: ann.token, body });
      expect(refused.body.code, JSON.stringify(body).slice(0, 100)).to.equal('validation_failed');
    }
  });
});
