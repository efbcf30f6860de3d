import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import type { HeldAnswer } from '../../../lab/models/held-answer.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { LOST_RIGHTS } from '../../../lab/people/lost-rights.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { ChatResponse } from '../../../src/contract/rest.js';

const SEND = 'messages:send';
/** A page and the kernel's buffers are a small part of it. */
const MESSAGES = 200;
const MESSAGE_CHARS = 100_000;

describe('A call that lasts', () => {
  let app: TestApp;
  let root: Account;
  let ann: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({
      LIMIT_SCALE: '0',
      SESSION_RECHECK_SECONDS: '60',
    });
    root = await app.register('root');
    await makeAdmin(app, root);
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });

  const sidOf = ({ token }: Account): string => JSON.parse(atob(token.split('.')[1] ?? '')).sid;
  const login = async () =>
    (await app.call<TokenResponse>('/auth/login', { body: { ...ann } })).body.access_token ?? '';
  const byRoot = (body: object) =>
    app.call(`/admin/users/${ann.id}`, { method: 'PATCH', token: root.token, body });

  /** Ends caused by other devices and users, of which nodes are notified. */
  const ENDS: [string, string, () => Promise<{ status: number }>][] = [
    [
      'it is revoked on another device',
      'session_revoked',
      async () =>
        app.call(`/users/me/sessions/${sidOf(ann)}`, { method: 'DELETE', token: await login() }),
    ],
    [
      'all others are revoked',
      'session_revoked',
      async () => app.call('/users/me/sessions', { method: 'DELETE', token: await login() }),
    ],
    [
      'it is logged out',
      'session_revoked',
      () => app.call('/auth/logout', { body: { refresh_token: ann.refreshToken } }),
    ],
    [
      'the password changes on another device',
      'session_revoked',
      async () =>
        app.call('/users/me/password', {
          token: await login(),
          body: { current_password: ann.password, new_password: 'Quite another 9' },
        }),
    ],
    ['the account is disabled', 'account_disabled', () => byRoot({ is_active: false })],
  ];

  const begin = async (): Promise<
    [HeldAnswer, ReturnType<typeof app.call<ChatResponse & { code?: string }>>]
  > => {
    const held = app.upstream.next();
    const chat = app.call<ChatResponse & { code?: string }>('/agent/chat', {
      token: ann.token,
      body: { message: 'tell me' },
    });
    await held.opened;
    held.write('what was written ');
    return [held, chat];
  };
  const stored = () =>
    app.rows<{ status: string; content: string }>(
      `SELECT m.status, m.content FROM messages m JOIN conversation_members c USING (conversation_id)
       WHERE c.user_id = $1 AND m.role = 'assistant'`,
      [ann.id],
    );
  const expectStored = async (held: HeldAnswer) => {
    held.write('since');
    held.finish();
    const rows = await eventually(stored, ([row]) => row?.status === 'completed');
    expect(rows[0]?.content).to.equal('what was written since');
  };

  describe('and waits for an answer ends with its session, and the answer goes on, when', () => {
    for (const [what, code, act] of ENDS) {
      it(what, async () => {
        const [held, chat] = await begin();
        expect((await act()).status).to.equal(200);
        expect((await chat).body.code).to.equal(code);
        await expectStored(held);
      });
    }

    it('the roles are taken', async () => {
      const [held, chat] = await begin();
      expect((await byRoot({ roles: [] })).status).to.equal(200);
      expect((await chat).body.code).to.equal('forbidden');
      await expectStored(held);
    });

    for (const { what, sql, code } of LOST_RIGHTS.slice(0, 4)) {
      it(`${what}, and nobody has told the node`, async () => {
        const [held, chat] = await begin();
        await app.rows(sql, [ann.id]);
        expect((await chat).body.code).to.equal(code(SEND));
        await expectStored(held);
      });
    }
  });

  it('and waits for an answer is not answered when its session ended just before, and nobody has told the node', async () => {
    const [held, chat] = await begin();
    await app.rows(LOST_RIGHTS[0]?.sql ?? '', [ann.id]);
    held.finish();
    expect((await chat).body.code).to.equal('session_revoked');
  });

  it('and waits for an answer ends when the conversation is deleted', async () => {
    const [held, chat] = await begin();
    const [row] = await app.rows<{ id: number }>('SELECT max(id)::int AS id FROM conversations');
    const path = `/agent/conversations/${row?.id}`;
    expect((await app.call(path, { method: 'DELETE', token: ann.token })).status).to.equal(200);
    expect((await chat).body.code).to.equal('not_found');
    held.finish();
  });

  it('outlives its access token, but not its session', async () => {
    const [held, chat] = await begin();
    await app.call('/auth/refresh', { body: { refresh_token: ann.refreshToken } });
    held.finish();
    expect((await chat).body.status).to.equal('completed');
  });

  /** A download that is under way and that nobody reads. */
  const download = async () => {
    await app.rows(
      `WITH c AS (INSERT INTO conversations (title) VALUES ('long') RETURNING id),
         m AS (INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM c)
       INSERT INTO messages (conversation_id, role, author_id, content)
       SELECT id, 'user', $1, repeat('x', $3) FROM c, generate_series(1, $2)`,
      [ann.id, MESSAGES, MESSAGE_CHARS],
    );
    const asked = request(`${app.url}/users/me/export`, {
      headers: { authorization: `Bearer ${ann.token}` },
    }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const over = new Promise<void>((resolve) => response.on('close', resolve));
    response.on('error', () => {});
    await once(response, 'readable');
    return { response, over };
  };
  type Download = Awaited<ReturnType<typeof download>>;

  /** Reads the rest. Resolves to its size, and to whether it was complete. */
  const rest = async ({ response, over }: Download) => {
    let bytes = 0;
    response.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await over;
    return { bytes, whole: response.complete };
  };

  describe('and downloads all data is cut off and cannot look whole when', () => {
    const expectCut = async (one: Download) => {
      const { bytes, whole } = await rest(one);
      expect(whole).to.equal(false);
      expect(bytes).to.be.below(MESSAGES * MESSAGE_CHARS * 0.8);
    };

    for (const [what, , act] of [...ENDS.slice(0, 1), ...ENDS.slice(-1)]) {
      it(what, async () => {
        const one = await download();
        expect((await act()).status).to.equal(200);
        await expectCut(one);
      });
    }

    for (const { what, sql, code } of LOST_RIGHTS.filter(({ code }) => code(null) !== '')) {
      it(`${what}, and nobody has told the node: ${code(null)}`, async () => {
        const one = await download();
        await app.rows(sql, [ann.id]);
        await expectCut(one);
      });
    }
  });

  it('and downloads all data comes to its end when nothing has changed', async () => {
    const { bytes, whole } = await rest(await download());
    expect(whole).to.equal(true);
    expect(bytes).to.be.above(MESSAGES * MESSAGE_CHARS);
  });
});
