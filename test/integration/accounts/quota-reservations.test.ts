import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer, type HeldAnswer, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { limitTokens } from '../../../lab/people/roles.js';
import type { Problem } from '../../../src/contract/errors.js';
import type { Conversation } from '../../../src/contract/rest.js';
import type { UsageReport } from '../../../src/contract/usage.js';

const EACH = 100;
/** No answer of these tests uses as much. */
const MUCH = 100_000;
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

describe('What unfinished answers hold of a quota', () => {
  let app: TestApp;
  let ada: Account;
  let device: Device;
  let serial = 0;
  /** Ada's role. */
  let plan: string;

  before(async () => {
    app = await startApp({ RESERVE_TOKENS: String(EACH), GENERATIONS_PER_USER: '3' });
    app.upstream.otherwise(answer('Hello there.', { usage: USAGE }));
  });
  after(() => app?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
    device = await app.device(ada);
    plan = await limitTokens(app, ada, MUCH);
  });

  const limitTo = (tokens: number | null, period = 'day') =>
    app.rows(`UPDATE roles SET tokens_per_${period} = $2 WHERE name = $1`, [plan, tokens]);
  const usage = async () =>
    (await app.call<UsageReport>('/users/me/usage', { token: ada.token })).body;
  const reserved = async () => {
    const { day, month } = await usage();
    expect(month.reserved).to.equal(day.reserved);
    return day.reserved;
  };
  const key = () => `key-${Math.random().toString(36).slice(2)}`;
  const send = (content = 'q', more: object = {}) =>
    device.ask('message:send', { client_id: key(), content, ...more });
  const refused = async (content = 'q', more: object = {}) => {
    const ack = await device.emit('message:send', { client_id: key(), content, ...more });
    if (!ack.ok) return ack.error.code;
    // The request of this answer must not take the answer that the next test holds.
    const { assistant_message: asked } = ack.data;
    if (asked) await device.ended(asked.id);
    return 'accepted';
  };
  /** A question whose answer the test writes. */
  const asked = async (content = 'q', more: object = {}) => {
    const held = app.upstream.next();
    const sent = await send(content, more);
    await held.opened;
    return { held, sent, id: sent.assistant_message.id };
  };
  const finish = async ({ held, id }: { held: HeldAnswer; id: number }) => {
    held.finish({ usage: USAGE });
    return device.ended(id);
  };

  it('is the estimate of each, and given back at its end', async () => {
    const one = await asked();
    expect(await reserved()).to.equal(EACH);
    const two = await asked();
    expect(await reserved()).to.equal(2 * EACH);
    await finish(one);
    expect(await reserved()).to.equal(EACH);
    await finish(two);
    expect(await usage()).to.deep.include({
      day: { tokens: 24, reserved: 0, limit: MUCH, cost: null },
    });
  });

  it('is the prompt and the longest answer where that is known', async () => {
    const { conversation } = await device.ask('conversation:create', { max_tokens: 500 });
    const more = { conversation_id: conversation.id };
    const short = await asked('q', more);
    expect(await reserved()).to.be.within(505, 540);
    await finish(short);
    const long = await asked('words '.repeat(1_000), more);
    expect(await reserved()).to.be.within(1_500, 2_100);
    await finish(long);
    expect(await reserved()).to.equal(0);
  });

  it('is held without a limit too, and ends no answer then', async () => {
    await limitTo(null);
    const one = await asked();
    expect(await usage()).to.have.nested.property('day.reserved', EACH);
    one.held.write(...Array<string>(400).fill('some words '));
    expect(await finish(one)).to.include({ status: 'completed' });
    const [row] = await app.rows<{ count: string }>('SELECT count(*) FROM usage_reservations');
    expect(row?.count).to.equal('0');
  });

  const ENDINGS: Record<string, (one: Awaited<ReturnType<typeof asked>>) => Promise<unknown>> = {
    'a stop': ({ id }) => device.ask('generation:stop', { message_id: id }),
    'a model that breaks off': ({ held }) => {
      held.write('half of ');
      held.cut();
      return Promise.resolve();
    },
    'its deletion': ({ id }) => device.ask('message:delete', { message_id: id }),
    'the deletion of its conversation': ({ sent }) =>
      device.ask('conversation:delete', { conversation_id: sent.conversation.id }),
    'an interrupting question': ({ sent }) =>
      send('now', { conversation_id: sent.conversation.id, interrupt: true }),
    'a regeneration': ({ id }) =>
      device.ask('message:regenerate', { message_id: id, client_id: key() }),
  };
  for (const [what, end] of Object.entries(ENDINGS)) {
    it(`is given back by ${what}`, async () => {
      const one = await asked();
      one.held.write('a text');
      await device.until('message:delta', ({ message_id }) => message_id === one.id);
      expect(await reserved()).to.equal(EACH);
      await end(one);
      const { day } = await eventually(usage, ({ day }) => day.reserved === 0);
      expect(day.tokens).to.be.within(1, 2 * EACH);
    });
  }

  it('is given back by a model that fails, and costs nothing', async () => {
    app.upstream.script(status(400));
    const sent = await send();
    expect(await device.ended(sent.assistant_message.id)).to.include({ status: 'failed' });
    expect(await usage()).to.have.nested.include({ 'day.reserved': 0, 'day.tokens': 0 });
  });

  it('is given back by an answer that took too many tries', async () => {
    const one = await asked();
    await app.rows('UPDATE generations SET tries = 99 WHERE user_id = $1', [ada.id]);
    await app.restart();
    await eventually(
      () => app.rows(`SELECT FROM messages WHERE id = $1 AND status = 'interrupted'`, [one.id]),
      (rows) => rows.length === 1,
    );
    expect(await reserved()).to.equal(0);
  });

  it('is given back by a queued question that is stopped, taken back, or changed', async () => {
    const running = await asked();
    const more = { conversation_id: running.sent.conversation.id };
    const [stopped, taken, edited] = [
      await send('a', more),
      await send('b', more),
      await send('c', more),
    ];
    expect(await reserved()).to.equal(4 * EACH);
    await device.ask('generation:stop', { message_id: stopped.assistant_message.id });
    expect(await reserved()).to.equal(3 * EACH);
    await device.ask('message:delete', { message_id: taken.user_message.id });
    // The later question was below the deleted one.
    expect(await reserved()).to.equal(EACH);
    expect(await refused('x', { conversation_id: 1e6 })).to.equal('not_found');
    const again = await send('d', more);
    const edit = (content: string) =>
      device.emit('message:edit', { message_id: again.user_message.id, client_id: key(), content });
    expect((await edit('words '.repeat(1_000))).ok).to.equal(true);
    expect(await reserved()).to.be.within(EACH + 1_000, EACH + 2_000);
    await limitTo(EACH + 300);
    const larger = await edit('many words '.repeat(1_000));
    expect(larger).to.have.nested.property('error.code', 'quota_exceeded');
    expect((await edit('short')).ok).to.equal(true);
    expect(await reserved()).to.equal(2 * EACH);
    expect(edited.user_message.content).to.equal('c');
    await finish(running);
    await device.ended(again.assistant_message.id);
    expect(await reserved()).to.equal(0);
  });

  it('is held by each answer to a waiting question that is changed', async () => {
    const running = await asked();
    const more = { conversation_id: running.sent.conversation.id };
    const { user_message, assistant_message: first } = await send('a', more);
    const again = () =>
      device.ask('message:regenerate', { message_id: first.id, client_id: key() });
    const others = [await again(), await again()];
    await device.ask('message:delete', { message_id: first.id });
    expect(await reserved()).to.equal(3 * EACH);
    await limitTo(EACH + 2_000);
    const edit = (content: string) =>
      device.emit('message:edit', { message_id: user_message.id, client_id: key(), content });
    const large = await edit('words '.repeat(1_000));
    expect(large).to.have.nested.property('error.code', 'quota_exceeded');
    expect(await reserved()).to.equal(3 * EACH);
    expect((await edit('words '.repeat(400))).ok).to.equal(true);
    expect(await reserved()).to.be.within(EACH + 1_200, EACH + 1_400);
    await finish(running);
    for (const { assistant_message } of others) await device.ended(assistant_message.id);
  });

  it('is gone with its account', async () => {
    await asked();
    await app.call('/users/me', { method: 'DELETE', token: ada.token });
    await eventually(
      () => app.rows('SELECT FROM generations WHERE user_id = $1', [ada.id]),
      (rows) => rows.length === 0,
    );
  });

  it('refuses what does not fit beside it, and stores nothing of that', async () => {
    await limitTo(2 * EACH + EACH / 2);
    const both = [await asked(), await asked()];
    const before = await app.rows('SELECT id FROM messages ORDER BY id');
    expect(await refused()).to.equal('quota_exceeded');
    const [first] = both;
    for (const [name, payload] of [
      ['message:regenerate', { message_id: first?.id ?? 0, client_id: key() }],
      [
        'message:edit',
        { message_id: first?.sent.user_message.id ?? 0, client_id: key(), content: 'e' },
      ],
    ] as const) {
      const ack = await device.emit(name, payload as never);
      expect(ack, name).to.have.nested.property('error.code', 'quota_exceeded');
    }
    const rest = await app.call<Problem>('/agent/chat', {
      ...{ token: ada.token, body: { message: 'q' } },
    });
    expect([rest.status, rest.body.code]).to.deep.equal([429, 'quota_exceeded']);
    expect(await app.rows('SELECT id FROM messages ORDER BY id')).to.deep.equal(before);
    expect(await refused('kept', { answer: false })).to.equal('accepted');
    for (const one of both) expect(await finish(one)).to.include({ status: 'completed' });
    expect(await refused()).to.equal('accepted');
  });

  it('may be less than the estimate if nothing else runs, so that the last tokens can be used', async () => {
    await limitTo(60);
    const one = await asked();
    expect(await usage()).to.have.nested.include({ 'day.reserved': 60, 'day.limit': 60 });
    expect(await refused()).to.equal('quota_exceeded');
    await finish(one);
    expect(await refused('long '.repeat(500)), 'a prompt beyond what is left').to.equal(
      'quota_exceeded',
    );
    expect(await refused()).to.equal('accepted');
  });

  for (const period of ['day', 'month']) {
    it(`ends an answer that passes the limit of the ${period}, and keeps its text`, async () => {
      await limitTo(null);
      await limitTo(400, period);
      const one = await asked();
      const until = app.upstream.requests.at(-1)?.closed;
      let isOver = false;
      const ended = device.ended(one.id).finally(() => {
        isOver = true;
      });
      // The model is never further than one delta ahead of the limit.
      for (let seq = 0; !isOver; seq += 1) {
        one.held.write('one more word '.repeat(5));
        const isNext = (delta: { message_id: number; seq: number }) =>
          delta.message_id === one.id && delta.seq > seq;
        await Promise.race([ended, device.until('message:delta', isNext)]);
      }
      const end = await ended;
      await until;
      expect(end).to.deep.include({ status: 'stopped', finish_reason: 'quota', error: null });
      expect(end.usage?.total_tokens).to.be.within(390, 500);
      expect(await usage()).to.have.nested.include({
        [`${period}.tokens`]: end.usage?.total_tokens,
        [`${period}.reserved`]: 0,
      });
      const opened = await device.ask('conversation:open', {
        conversation_id: one.sent.conversation.id,
      });
      const kept = opened.messages.at(-1);
      expect(kept).to.include({ finish_reason: 'quota', status: 'stopped' });
      expect(kept?.content).to.match(/^(one more word ){50,}/);
      expect(Buffer.byteLength(kept?.content ?? '')).to.equal(end.bytes);
      expect(await refused()).to.equal('quota_exceeded');
      await limitTo(MUCH, period);
      await device.ask('message:continue', { message_id: one.id, client_id: key() });
      expect(
        await device.until('message:completed', ({ status }) => status === 'completed'),
      ).to.include({
        message_id: one.id,
      });
    });
  }

  it('counts for the day in which the answer ends', async () => {
    await limitTo(3 * EACH);
    await send();
    await eventually(usage, ({ day }) => day.tokens === 12 && day.reserved === 0);
    const night = [await asked(), await asked()];
    expect(await refused('q')).to.equal('quota_exceeded');
    await app.rows('UPDATE usage_days SET day = day - 1 WHERE user_id = $1', [ada.id]);
    expect(await usage()).to.have.nested.include({ 'day.tokens': 0, 'day.reserved': 2 * EACH });
    const third = await asked();
    expect(await refused('q')).to.equal('quota_exceeded');
    for (const one of [...night, third]) await finish(one);
    expect(await usage()).to.have.nested.include({ 'day.tokens': 36, 'day.reserved': 0 });
  });

  it('expires by itself where it belongs to no answer', async () => {
    await limitTo(2 * EACH);
    const hold = (seconds: number) =>
      app.rows(
        `INSERT INTO usage_reservations (user_id, tokens, expires_at)
         VALUES ($1, 150, clock_timestamp() + $2 * interval '1 second')`,
        [ada.id, seconds],
      );
    await hold(-1);
    const one = await asked();
    expect(await reserved()).to.equal(EACH);
    await finish(one);
    await hold(3_600);
    expect(await reserved()).to.equal(150);
    const less = await asked();
    expect(await reserved()).to.equal(2 * EACH - 12);
    await finish(less);
  });
});

describe('The report of usage', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp();
    ada = await app.register('ada');
    await app.rows(
      `INSERT INTO usage_models (user_id, day, model, currency, tokens, cost)
       SELECT $1, (now() AT TIME ZONE 'UTC')::date - n, 'old', '', 1, 0 FROM generate_series(1, 60) n`,
      [ada.id],
    );
    await app.rows(
      `INSERT INTO usage_days (user_id, day, tokens)
       SELECT $1, (now() AT TIME ZONE 'UTC')::date - n, 5 FROM generate_series(0, 60) n`,
      [ada.id],
    );
    await app.rows(
      `INSERT INTO usage_models (user_id, model, currency, tokens, cost)
       SELECT $1, 'm' || n, 'EUR', n, n * 0.25 FROM generate_series(1, 60) n`,
      [ada.id],
    );
  });
  after(() => app?.stop());

  const usage = async () =>
    (await app.call<UsageReport>('/users/me/usage', { token: ada.token })).body;

  it('is bounded, days oldest first, models by their tokens', async () => {
    const { by_model, days, day } = await usage();
    expect(days).to.have.length(31);
    expect(days.at(-1)).to.deep.equal({
      ...{ day: new Date().toISOString().slice(0, 10), tokens: 5, cost: 457.5 },
    });
    expect(days.map((one) => one.day)).to.deep.equal(days.map((one) => one.day).toSorted());
    expect(days[0]).to.include({ tokens: 5, cost: null });
    expect(by_model).to.have.length(50);
    expect(by_model[0]).to.deep.equal({ model: 'm60', tokens: 60, cost: 15 });
    expect(day.cost).to.equal(457.5);
  });

  it('adds no costs of several currencies', async () => {
    await app.rows(
      `INSERT INTO usage_models (user_id, model, currency, tokens, cost)
       VALUES ($1, 'm60', 'USD', 1, 1), ($1, 'm59', '', 4, 0)`,
      [ada.id],
    );
    const { by_model, day, month } = await usage();
    expect([day.cost, month.cost]).to.deep.equal([null, null]);
    const of = (model: string) => by_model.find((one) => one.model === model);
    expect(of('m60')).to.deep.equal({ model: 'm60', tokens: 61, cost: null });
    expect(of('m59')).to.deep.equal({ model: 'm59', tokens: 63, cost: 14.75 });
  });

  it('does not count what was imported', async () => {
    const before = (await usage()).month.tokens;
    const exported = {
      ...{ id: 9, title: 'T', model: null, active_message_id: 2 },
      messages: [
        { id: 1, parent_id: null, role: 'user', content: 'q', status: 'completed' },
        {
          ...{ id: 2, parent_id: 1, role: 'assistant', content: 'a', status: 'completed' },
          usage: { prompt_tokens: 1, completion_tokens: 500, total_tokens: 501 },
        },
      ],
    };
    const device = await app.device(ada);
    await app.call('/agent/imports', { token: ada.token, body: exported });
    const done = await device.until('import:progress', ({ status }) => status === 'done');
    expect(done.imported).to.equal(1);
    const { body } = await app.call<Conversation[]>('/agent/conversations', { token: ada.token });
    expect(body).to.have.length(1);
    expect((await usage()).month.tokens).to.equal(before);
  });
});
