import { expect } from 'chai';
import {
  answer,
  dataError,
  endWithoutFinish,
  refuse,
  status,
} from '../../../lab/models/scripted-upstream.js';
import type { Behaviour } from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { judged } from '../../../lab/people/judged.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import type { ModelWords } from '../../../src/contract/admin.js';
import type { Problem } from '../../../src/contract/errors.js';
import type { ChatResponse, Message } from '../../../src/contract/rest.js';

const KEY = 'sk-the-secret-key-of-this-test';
const SAID = 'Project 4711 has no credit left';

describe('The words of a model server', () => {
  let app: TestApp;
  let faults: string[];
  let root: Account;
  let ada: Account;

  before(async () => {
    const env = { LIMIT_SCALE: '0', OPENAI_API_KEY: KEY, PROVIDER_MAX_RETRIES: '0' };
    ({ app, faults } = await judged(await startApp(env)));
    [root, ada] = [await app.register('root'), await app.register('ada')];
    await makeAdmin(app, root);
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

  /** The id of an answer to which the server did that. */
  const askedBy = async ({ token }: Account, ...does: Behaviour[]) => {
    app.upstream.script(...does);
    const { body } = await app.call<ChatResponse>('/agent/chat', { token, body: { message: 'q' } });
    return body.message_id;
  };
  const wordsOf = (id: number, { token }: Account) =>
    app.call<ModelWords & Problem>(`/admin/messages/${id}/words`, { token });

  it('are told to an administrator in the conversation, without the key', async () => {
    const id = await askedBy(root, status(402, { message: `${SAID} (key ${KEY})` }));
    const { body } = await wordsOf(id, root);
    expect(body.message_id).to.equal(id);
    expect(body.words).to.include(SAID).and.not.include('secret');
    const inText = await askedBy(root, dataError(['Some text'], SAID));
    expect((await wordsOf(inText, root)).body.words).to.include(SAID);
    const away = await askedBy(root, refuse());
    expect((await wordsOf(away, root)).status).to.equal(200);
  });

  it('are told to nobody else, and of no other answer', async () => {
    const hers = await askedBy(ada, status(402, { message: SAID }));
    expect((await wordsOf(hers, ada)).body.code).to.equal('forbidden');
    expect((await wordsOf(hers, root)).body.code, 'of a conversation of others').to.equal(
      'not_found',
    );
    const fine = await askedBy(root, answer('Fine.'));
    expect((await wordsOf(fine, root)).body.code).to.equal('not_found');
    expect((await wordsOf(2 ** 50, root)).body.code).to.equal('not_found');
  });

  it('are in nothing that a user reads', async () => {
    const device = await app.device(ada);
    const heard: unknown[] = [];
    device.socket.onAny((...event) => heard.push(event));
    const id = await askedBy(ada, status(402, { message: SAID }));
    const { token } = ada;
    const [message] = await app.rows<Message>(
      'SELECT conversation_id FROM messages WHERE id = $1',
      [id],
    );
    const place = `/agent/conversations/${message?.conversation_id}`;
    const opened = await device.emit('conversation:open', {
      conversation_id: message?.conversation_id ?? 0,
    });
    const seen = [
      opened,
      heard,
      (await app.call(`/agent/messages/${id}`, { token })).body,
      (await app.call(`${place}/messages`, { token })).body,
      (await app.call(`${place}/export?format=json`, { token })).body,
      (await app.call('/users/me/export', { token })).body,
    ];
    const text = JSON.stringify(seen);
    expect(text).to.include('The model server did not accept the request.');
    expect(text).to.not.include('Project 4711');
  });

  it('of an earlier attempt are not those of the end', async () => {
    const id = await askedBy(root, dataError(['Half'], SAID));
    expect((await wordsOf(id, root)).status).to.equal(200);
    app.upstream.script(answer(' and whole.'));
    const again = await app.call(`/agent/messages/${id}/continue`, {
      ...{ method: 'POST', token: root.token, body: { client_id: 'go-on' } },
    });
    expect(again.status).to.equal(202);
    const ended = await app.call<string>(`/agent/messages/${id}/stream`, { token: root.token });
    expect(ended.status).to.equal(200);
    expect((await wordsOf(id, root)).body.code).to.equal('not_found');
  });

  it('of an earlier attempt are not told of an end that failed by itself', async () => {
    const id = await askedBy(root, dataError(['Half'], SAID));
    app.upstream.script(endWithoutFinish(' and no end'));
    const again = await app.call(`/agent/messages/${id}/continue`, {
      ...{ method: 'POST', token: root.token, body: { client_id: 'go-on-again' } },
    });
    expect(again.status).to.equal(202);
    await app.call<string>(`/agent/messages/${id}/stream`, { token: root.token });
    const { body } = await app.call<Message>(`/agent/messages/${id}`, { token: root.token });
    expect(body.error?.message).to.equal('The model broke off without finishing.');
    expect((await wordsOf(id, root)).body.code).to.equal('not_found');
  });

  it('go with their message', async () => {
    const id = await askedBy(root, status(402, { message: SAID }));
    await app.rows('DELETE FROM messages WHERE id = $1', [id]);
    expect(await app.rows('SELECT FROM model_words WHERE message_id = $1', [id])).to.deep.equal([]);
  });
});
