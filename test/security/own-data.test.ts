import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import { answerShapes } from '../../lab/people/rest-shapes.js';
import type { AccountExport } from '../../src/contract/export.js';
import type { ChatResponse } from '../../src/contract/rest.js';

/** The table that keeps ids and nothing else; see docs/security.md. */
const KEEPS_IDS = 'audit_log';

describe('what is kept of a user', () => {
  let app: TestApp;
  let ada: Account;
  let eve: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
  });
  after(() => app.stop());

  const ask = async ({ token }: Account, message: string) =>
    (await app.call<ChatResponse>('/agent/chat', { token, body: { message } })).body;
  const download = ({ token }: Account) => app.call<AccountExport>('/users/me/export', { token });

  it('is downloaded as one file: account, devices, usage and every conversation with all messages', async () => {
    const conversations: number[] = [];
    for (const text of ['first', 'second']) {
      conversations.push((await ask(ada, `${text} question of ada`)).conversation_id);
    }
    await app.rows(
      `INSERT INTO messages (conversation_id, role, author_id, content)
       SELECT $1, 'user', $2, 'old ' || n FROM generate_series(1, 45) n`,
      [conversations[0], ada.id],
    );
    const { status, headers, body } = await download(ada);
    expect(status).to.equal(200);
    expect(headers.get('content-disposition')).to.include('attachment');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(answerShapes['GET /users/me/export']?.validate(body).error).to.equal(undefined);
    expect(body.account).to.include({ id: ada.id, email: ada.email });
    expect(body.sessions).to.have.length(1);
    expect(body.usage.reduce((sum, { tokens }) => sum + tokens, 0)).to.equal(24);
    expect(body.conversations.map(({ id }) => id)).to.deep.equal(conversations);
    const contents = body.conversations.map(({ messages }) => messages.map((m) => m.content));
    expect(contents[0]).to.have.length(47).and.include('old 45');
    expect(contents[1]).to.deep.equal(['second question of ada', 'Hello there.']);
  });

  it('has nothing of others but the names under their messages', async () => {
    const { conversation_id } = await ask(ada, 'together');
    await app.rows(
      `INSERT INTO messages (conversation_id, role, author_id, content) VALUES ($1, 'user', $2, 'by eve')`,
      [conversation_id, eve.id],
    );
    const { body } = await download(ada);
    const messages = body.conversations.flatMap((conversation) => conversation.messages);
    expect(messages.find(({ content }) => content === 'by eve')?.author).to.equal('eve');
    expect(JSON.stringify(body)).to.not.include(eve.email);
    await app.rows(
      `INSERT INTO conversation_members (conversation_id, user_id, role) VALUES ($1, $2, 'viewer')`,
      [conversation_id, eve.id],
    );
    expect((await download(eve)).body.conversations).to.deep.equal([]);
  });

  it('has neither the password’s hash nor a token', async () => {
    const { body } = await download(ada);
    const hashes = await app.rows<{ password_hash: string }>('SELECT password_hash FROM users');
    for (const { password_hash } of hashes) {
      expect(JSON.stringify(body)).to.not.include(password_hash);
    }
    expect(JSON.stringify(body)).to.not.match(/eyJ[\w-]+\.eyJ/);
  });

  it('is gone from every table when the account is deleted', async () => {
    app.upstream.script(answer('an answer to dora'));
    const dora = await app.register('dora');
    await ask(dora, 'a question of dora');
    const [asked] = await app.rows<{ id: number }>(
      'SELECT conversation_id AS id FROM conversation_members WHERE user_id = $1',
      [dora.id],
    );
    await app.call(`/agent/conversations/${asked?.id}`, {
      ...{ method: 'PATCH', token: dora.token, body: { title: 'of dora' } },
    });
    const tables = await app.rows<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    /** Rows that contain something of hers, by table. */
    const traces = async () => {
      const found: Record<string, number> = {};
      for (const { name } of tables) {
        const [row] = await app.rows<{ count: string }>(
          `SELECT count(*) FROM ${name} t WHERE to_jsonb(t)::text ~* 'dora'
             OR (to_jsonb(t) -> 'user_id')::text = $1 OR (to_jsonb(t) -> 'subject_id')::text = $1`,
          [String(dora.id)],
        );
        if (Number(row?.count) > 0) found[name] = Number(row?.count);
      }
      return found;
    };
    expect(Object.keys(await traces())).to.include.members([
      ...['users', 'user_roles', 'sessions', 'conversation_members', 'conversations'],
      ...['messages', 'usage_days', 'usage_models', 'list_changes', KEEPS_IDS],
    ]);
    expect((await app.call('/users/me', { method: 'DELETE', token: dora.token })).status).to.equal(
      200,
    );
    await eventually(traces, (found) => Object.keys(found).join() === KEEPS_IDS);
    const kept = await app.rows(
      `SELECT 1 FROM ${KEEPS_IDS} t WHERE to_jsonb(t)::text ~* 'dora|question|answer'`,
    );
    expect(kept).to.deep.equal([]);
  });
});

describe('the download of what is kept', () => {
  it('is limited', async () => {
    const app = await startApp();
    const { token } = await app.register('ada');
    for (let i = 0; i < 10; i += 1) await app.call('/users/me/export', { token });
    const { status, body } = await app.call('/users/me/export', { token });
    expect([status, body.code]).to.deep.equal([429, 'rate_limited']);
    await app.stop();
  });
});
