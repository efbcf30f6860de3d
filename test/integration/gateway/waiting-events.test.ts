import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import {
  type ContractCall,
  contractCalls,
  minimalParts,
} from '../../../lab/people/contract-calls.js';
import { judged } from '../../../lab/people/judged.js';
import { withKey } from '../../../lab/people/keys.js';
import { LOST_KEY_RIGHTS, LOST_RIGHTS, permissionOf } from '../../../lab/people/lost-rights.js';
import { type HeldUser, holdUser } from '../../../lab/stores/held-user.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import { EVENT_SCOPES } from '../../../src/contract/scopes.js';

const EVENTS = contractCalls().filter(({ name }) => !name.includes(' '));
/** Events that keys may send. */
const KEY_EVENTS: ReadonlySet<string> = new Set(
  Object.entries(EVENT_SCOPES).flatMap(([name, need]) => (need.length > 0 ? name : [])),
);
/** Events of one user at a time; see the flood guard. Further ones wait in line. */
const AT_ONCE = 3;

describe('An event that waits for its turn', () => {
  let app: TestApp;
  let faults: string[];
  let ann: Account;
  let serial = 0;

  before(async () => {
    ({ app, faults } = await judged(
      await startApp({ LIMIT_SCALE: '100', SESSION_RECHECK_SECONDS: '60' }),
    ));
    // A cut answer may be continued.
    app.upstream.otherwise(answer('yes', { finishReason: 'length' }));
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });

  /** Everything that a user can change by events. */
  const state = () =>
    app.rows(
      `SELECT c.id, c.title, c.updated_at, (SELECT json_agg(m.id || m.status ORDER BY m.id) FROM messages m WHERE m.conversation_id = c.id)
       FROM conversations c ORDER BY c.id`,
    );

  /** The same without those of the session that fills the places. */
  const others = async () => (await state()).filter((row) => !Object.values(row).includes('place'));

  /** The prerequisites of an event, on its own device and conversation. */
  const prepare = async (call: ContractCall, account: Account) => {
    const device = await app.device(account);
    const sent = await device.ask('message:send', {
      client_id: call.name.replace(':', '-'),
      content: 'first',
    });
    await device.ended(sent.assistant_message.id);
    const known = {
      conversation_id: sent.conversation.id,
      message_id: sent.assistant_message.id,
      title: 'changed',
      content: 'second',
    };
    const minimal = Object(minimalParts(call).body);
    const wanted = Object.entries(known).filter(
      ([key]) => key in minimal || (key === 'title' && call.name === 'conversation:update'),
    );
    return { call, device, body: { ...minimal, ...Object.fromEntries(wanted) } };
  };

  /** Fills the user's places with events that wait in Postgres. */
  const fill = async (): Promise<HeldUser> => {
    const device = await app.device(ann);
    const held = await holdUser(app, ann);
    for (let i = 0; i < AT_ONCE; i++) {
      device.emit('conversation:create', { title: 'place' }).catch(() => {});
    }
    await held.waited(AT_ONCE);
    return held;
  };

  const putInLine = ({ call, device, body }: Awaited<ReturnType<typeof prepare>>) =>
    call.send({ body }, { app, account: ann, device }).then(
      ({ code }) => code,
      () => 'gone',
    );

  /** Every event of the contract, each waiting behind the filled places. */
  const inLine = async (account = ann, events = EVENTS) => {
    const prepared = [];
    for (const call of events) prepared.push(await prepare(call, account));
    const held = await fill();
    const replies: Promise<string>[] = [];
    for (const one of prepared) {
      replies.push(putInLine(one));
      await one.device.emit('nonsense' as never, {} as never);
    }
    return { held, replies };
  };

  it('is done when nothing has changed', async () => {
    const before = await state();
    const { held, replies } = await inLine();
    await held.release();
    expect(await Promise.all(replies)).to.deep.equal(EVENTS.map(() => ''));
    expect(await state()).to.not.deep.equal(before);
    // The next test looks twice, and no answer may end in between.
    const running = `SELECT id FROM messages WHERE status IN ('queued', 'streaming')`;
    await eventually(
      () => app.rows(running),
      (rows) => rows.length === 0,
    );
  });

  for (const { what, sql, code } of LOST_RIGHTS) {
    it(`is not begun when ${what} meanwhile, whichever it is, and nobody has told the node`, async () => {
      const { held, replies } = await inLine();
      const before = await state();
      await held.release(sql);
      const codes = await Promise.all(replies);
      const wanted = EVENTS.map(({ name }) => code(permissionOf(name)));
      expect(Object.fromEntries(codes.map((one, i) => [EVENTS[i]?.name, one]))).to.deep.equal(
        Object.fromEntries(wanted.map((one, i) => [EVENTS[i]?.name, one])),
      );
      expect(await state()).to.deep.equal(before);
    });
  }

  for (const { what, sql, code } of LOST_KEY_RIGHTS) {
    it(`of a key is not begun when ${what} meanwhile, whichever it is`, async () => {
      const events = EVENTS.filter(({ name }) => KEY_EVENTS.has(name));
      const { held, replies } = await inLine(await withKey(app.url, ann), events);
      const before = await others();
      await held.release(sql);
      const codes = await Promise.all(replies);
      const named = (all: string[]) =>
        Object.fromEntries(all.map((one, i) => [events[i]?.name, one]));
      const wanted = events.map(({ name }) => code(permissionOf(name)));
      expect(named(codes)).to.deep.equal(named(wanted));
      expect(await others()).to.deep.equal(before);
    });
  }

  const login = async () =>
    (await app.call<TokenResponse>('/auth/login', { body: { ...ann } })).body.access_token ?? '';

  const create = (count: number) =>
    app.rows<{ id: number }>(
      `WITH c AS (INSERT INTO conversations (title) SELECT 'many' FROM generate_series(1, $2) RETURNING id)
       INSERT INTO conversation_members (conversation_id, user_id, role)
       SELECT id, $1, 'owner' FROM c RETURNING conversation_id AS id`,
      [ann.id, count],
    );
  const left = async () =>
    (await app.rows(`SELECT 1 FROM conversation_members WHERE user_id = $1`, [ann.id])).length;

  it('is dropped, with 449 more, when the session is revoked, and holds up no later one', async () => {
    const made = await create(450);
    const device = await app.device(ann);
    const token = await login();
    for (const { id } of made) {
      device.emit('conversation:delete', { conversation_id: Number(id) }).catch(() => {});
    }
    await eventually(left, (count) => count < 445);
    const { body: sessions } = await app.call<{ id: string; current: boolean }[]>(
      '/users/me/sessions',
      { token },
    );
    const other = sessions.find(({ current }) => !current);
    const revoked = await app.call(`/users/me/sessions/${other?.id}`, { method: 'DELETE', token });
    expect(revoked.status).to.equal(200);
    const atAck = await left();
    expect(atAck).to.be.above(300);
    // The list comes after all of them in the user's line.
    const next = await app.device({ ...ann, token });
    await next.ask('conversation:list', {});
    expect(await left()).to.equal(atAck);
  });

  const demoted = {
    what: 'the asker may only read the conversation',
    sql: `UPDATE conversation_members SET role = 'viewer' WHERE user_id = $1`,
    code: () => 'forbidden',
  };
  for (const { what, sql, code } of [...LOST_RIGHTS.slice(0, 4), demoted]) {
    it(`stops no answer when ${what} while it waits in Postgres`, async () => {
      const device = await app.device(ann);
      const answering = app.upstream.next();
      const sent = await device.ask('message:send', { client_id: 'run', content: 'go' });
      answering.write('on ');
      await device.until('message:delta');
      const held = await holdUser(app, ann);
      const stop = device.emit('generation:stop', { message_id: sent.assistant_message.id });
      await held.waited(1);
      await held.release(sql);
      expect(await stop).to.have.nested.property('error.code', code('messages:send'));
      answering.write('and on');
      answering.finish();
      const ended = () =>
        app.rows('SELECT status FROM messages WHERE id = $1 AND completed_at IS NOT NULL', [
          sent.assistant_message.id,
        ]);
      expect(await eventually(ended, ({ length }) => length > 0)).to.deep.equal([
        { status: 'completed' },
      ]);
    });
  }

  it('is dropped when its socket has gone', async () => {
    const device = await app.device(ann);
    const held = await fill();
    device.emit('conversation:create', { title: 'too late' }).catch(() => {});
    await device.emit('nonsense' as never, {} as never);
    device.close();
    const next = await app.device(ann);
    await held.release();
    await next.ask('conversation:list', {});
    const titles = () =>
      app.rows<{ title: string }>(
        `SELECT title FROM conversations c JOIN conversation_members m ON m.conversation_id = c.id WHERE m.user_id = $1`,
        [ann.id],
      );
    // The running ones end alongside the list, which waited behind the one that is too late.
    const stored = await eventually(titles, ({ length }) => length >= 3);
    expect(stored.map(({ title }) => title)).to.deep.equal(['place', 'place', 'place']);
  });
});
