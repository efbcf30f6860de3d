import { expect } from 'chai';
import type pg from 'pg';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient } from '../../../lab/stores/client.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';

interface Chat {
  conversation_id: number;
  response: string;
}

describe('A node in a rolling deploy, when the next release has migrated', () => {
  let app: TestApp;
  let sql: pg.Client;

  before(async () => {
    app = await startApp();
    app.upstream.otherwise(answer('Hello there.'));
    sql = createClient(app.databaseUrl);
    await sql.connect();
  });
  after(async () => {
    await sql?.end();
    await app?.stop();
  });

  /** A migration that may run beside the previous release: a column in every table, and a new table. */
  const migrate = async () => {
    const { rows } = await sql.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    for (const { name } of rows) {
      await sql.query(
        `ALTER TABLE "${name}" ADD COLUMN added text NOT NULL DEFAULT 'by the next one'`,
      );
    }
    await sql.query('CREATE TABLE added (id bigint PRIMARY KEY REFERENCES users)');
    expect(rows.length).to.be.above(8);
  };

  /** Uses every table as a node does. Returns the response bodies. */
  const useAll = async (name: string) => {
    const ada = await app.register(name);
    const { token } = ada;
    const chat = await app.call<Chat>('/agent/chat', { token, body: { message: 'go' } });
    const { conversation_id, response } = chat.body;
    expect(response).to.equal('Hello there.');
    const path = `/agent/conversations/${conversation_id}`;
    const bodies = await Promise.all([
      app.call<Message[]>(`${path}/messages`, { token }),
      app.call<Conversation[]>('/agent/conversations', { token }),
      app.call<Conversation[]>('/agent/conversations?q=hello', { token }),
      app.call('/users/me', { token }),
      app.call(path, { method: 'PATCH', token, body: { title: 'new' } }),
      app.call('/auth/refresh', { body: { refresh_token: ada.refreshToken } }),
    ]);
    expect(bodies.map(({ status }) => status)).to.deep.equal(Array(6).fill(200));
    const device = await app.device(ada);
    await device.ask('conversation:open', { conversation_id });
    const client_id = `c-${name}`;
    const sent = await device.ask('message:send', { conversation_id, client_id, content: 'again' });
    await device.ended(sent.assistant_message.id);
    expect((await app.call(path, { method: 'DELETE', token })).status).to.equal(200);
    return JSON.stringify([chat.body, bodies.map(({ body }) => body), device.received]);
  };

  it('goes on with everything, and shows nothing of what it does not know', async () => {
    await useAll('ada');
    await migrate();
    expect(await useAll('bob')).to.not.include('by the next one');
    expect((await fetch(`${app.url}/health/ready`)).status).to.equal(200);
  });
});
