import { expect } from 'chai';
import { answer, echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { answerShapes } from '../../../lab/people/rest-shapes.js';
import type { ConversationExport } from '../../../src/contract/export.js';

const SHAPE = answerShapes['GET /agent/conversations/:id/export'];

describe('The export of a conversation', () => {
  let app: TestApp;
  let ada: Account;
  let eve: Account;
  let device: Device;
  let keys = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
    device = await app.device(ada);
  });
  after(() => app.stop());
  beforeEach(() => app.upstream.otherwise(echo()));

  const key = () => `export-${keys++}`;
  const ask = async (content: string, conversation_id?: number) => {
    const place = conversation_id === undefined ? {} : { conversation_id };
    const sent = await device.ask('message:send', { client_id: key(), content, ...place });
    await device.ended(sent.assistant_message.id);
    return sent;
  };
  const download = <T = string>(id: number, format: string, { token } = ada, headers = {}) =>
    app.call<T>(`/agent/conversations/${id}/export?format=${format}`, { token, headers });
  /** Ten rows a page at most by their length, so that there are several pages. */
  const lengthen = (id: number, parent: number, count: number) =>
    app.rows(
      `WITH RECURSIVE ids AS (
         SELECT 1 AS n, nextval(pg_get_serial_sequence('messages', 'id')) AS id
         UNION ALL SELECT n + 1, nextval(pg_get_serial_sequence('messages', 'id')) FROM ids WHERE n < $3
       ), chain AS (
         INSERT INTO messages (id, conversation_id, parent_id, role, content)
         SELECT id, $1, coalesce(lag(id) OVER (ORDER BY n), $2), 'assistant', 'line ' || n || repeat(' long', 12000) FROM ids
       )
       UPDATE conversations SET active_message_id = (SELECT max(id) FROM ids) WHERE id = $1`,
      [id, parent, count],
    );

  it('has all branches as JSON, in the shape of the export of an account', async () => {
    const { conversation, user_message } = await ask('one');
    const edit = { message_id: user_message.id, client_id: key(), content: 'uno' };
    const edited = await device.ask('message:edit', edit);
    await device.ended(edited.assistant_message.id);
    const { status, headers, body } = await download<ConversationExport>(conversation.id, 'json');
    expect(status).to.equal(200);
    expect(headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('content-disposition')).to.equal(
      `attachment; filename="parley-${conversation.id}-one.json"`,
    );
    expect(SHAPE?.validate(body).error).to.equal(undefined);
    expect(body).to.include({ id: conversation.id, title: 'one', exported_by: 'ada' });
    expect(body.messages.map(({ content }) => content)).to.deep.equal([
      ...['one', 'echo: one', 'uno', 'echo: uno'],
    ]);
    expect(body.messages.map(({ parent_id }) => parent_id)).to.deep.equal([
      ...[null, user_message.id, null, edited.user_message?.id],
    ]);
    expect(body.active_message_id).to.equal(edited.assistant_message.id);
  });

  it('has the active branch as Markdown, page by page, with who spoke and when', async () => {
    const { conversation, user_message, assistant_message } = await ask('first # question');
    await device.ask('message:edit', {
      ...{ message_id: user_message.id, client_id: key(), content: 'left aside', answer: false },
    });
    await device.ask('message:select', { message_id: assistant_message.id });
    await lengthen(conversation.id, assistant_message.id, 45);
    const { headers, body } = await download(conversation.id, 'markdown');
    expect(headers.get('content-type')).to.equal('text/markdown; charset=utf-8');
    expect(body).to.match(/^# first # question\n\nExported: \d{4}-/);
    expect(body).to.include(`\n## ada · ${user_message.created_at}\n\nfirst # question\n`);
    expect(body).to.include('\n## Assistant (test-model) · ');
    expect(body).to.not.include('left aside');
    const lines = [...body.matchAll(/^line (\d+)/gm)].map(([, number]) => Number(number));
    expect(lines).to.deep.equal(Array.from({ length: 45 }, (_, n) => n + 1));
    const chinese = await download(conversation.id, 'markdown', ada, { 'accept-language': 'zh' });
    expect(chinese.body).to.include('\n## 助手 (test-model) · ');
  });

  it('says of an answer that has no text why', async () => {
    app.upstream.otherwise(answer([], { finishReason: 'stop' }));
    const { conversation } = await ask('nothing');
    await app.rows(
      `INSERT INTO messages (conversation_id, parent_id, role, status)
       SELECT id, active_message_id, 'assistant', 'streaming' FROM conversations WHERE id = $1`,
      [conversation.id],
    );
    await app.rows(
      `UPDATE conversations SET active_message_id = (SELECT max(id) FROM messages WHERE conversation_id = $1)
       WHERE id = $1`,
      [conversation.id],
    );
    const { body } = await download(conversation.id, 'markdown');
    expect(body).to.include('(This answer has no text.)').and.include('still being written');
  });

  it('is for members: strangers are told that nothing is there', async () => {
    const { conversation } = await ask('a secret of ada');
    for (const format of ['json', 'markdown']) {
      const refused = await download<{ code: string }>(conversation.id, format, eve);
      expect([refused.status, refused.body.code]).to.deep.equal([404, 'not_found']);
    }
    await app.rows(
      `INSERT INTO conversation_members (conversation_id, user_id, role) VALUES ($1, $2, 'viewer')`,
      [conversation.id, eve.id],
    );
    const { body } = await download<ConversationExport>(conversation.id, 'json', eve);
    expect(body).to.include({ exported_by: 'eve', title: 'a secret of ada' });
  });

  it('refuses another format, and has a name that is safe whatever the title', async () => {
    const { conversation } = await ask('x');
    const refused = await download<{ code: string }>(conversation.id, 'pdf');
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'validation_failed']);
    await device.ask('conversation:update', {
      ...{ conversation_id: conversation.id, title: '../去";\u202E' },
    });
    const { headers } = await download(conversation.id, 'json');
    expect(headers.get('content-disposition')).to.equal(
      `attachment; filename="parley-${conversation.id}-_.json"; ` +
        `filename*=UTF-8''parley-${conversation.id}-%E5%8E%BB.json`,
    );
  });
});
