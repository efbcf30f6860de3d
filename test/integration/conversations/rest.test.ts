import { expect } from 'chai';
import {
  answer,
  endWithoutFinish,
  status as upstreamStatus,
} from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { ChatProblem } from '../../../src/contract/errors.js';
import type { ChatResponse, Conversation, Message, ModelInfo } from '../../../src/contract/rest.js';

describe('REST', () => {
  let app: TestApp;
  let ada: Account;
  let eve: Account;

  before(async () => {
    app = await startApp();
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
  });
  after(() => app.stop());

  const as = (account: Account, options = {}) => ({ token: account.token, ...options });
  const chat = (body: unknown, account = ada) =>
    app.call<ChatResponse>('/agent/chat', as(account, { body }));
  const code = async (path: string, options = {}) => {
    const { status, body } = await app.call(path, options);
    return [status, body.code];
  };

  it('says who it is, as a page to browsers', async () => {
    const json = await app.call<unknown>('/');
    expect(json.body).to.include({ name: 'Parley', status: 'running' });
    const page = await app.call<string>('/', {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(page.headers.get('content-type')).to.match(/^text\/html/);
    expect(page.headers.get('cache-control')).to.equal('no-cache');
    expect(page.headers.get('vary')).to.include('Accept');
    expect(page.body).to.match(/^<!doctype html>/i);
  });

  it('tells whether it lives and whether it is ready', async () => {
    for (const path of ['/health', '/health/live']) {
      expect((await app.call<unknown>(path)).body).to.deep.equal({ status: 'healthy' });
    }
    const ready = await app.call<{ status: string; checks: object }>('/health/ready');
    expect([ready.status, ready.body.status]).to.deep.equal([200, 'ready']);
    expect(ready.body.checks).to.include({ database: 'ok' });
  });

  it('walks through a conversation from the first question to its end', async () => {
    app.upstream.script(answer('First.'), answer('Second.'));
    const first = await chat({ message: 'one 😀' });
    expect(first.status).to.equal(200);
    expect(first.body).to.include({ message: 'one 😀', response: 'First.', status: 'completed' });
    const { conversation_id } = first.body;
    const second = await chat({ message: 'two', conversation_id });
    expect(second.body).to.include({ conversation_id, response: 'Second.' });

    const list = await app.call<Conversation[]>('/agent/conversations', as(ada));
    expect(list.body[0]).to.include({ id: conversation_id, title: 'one 😀', my_role: 'owner' });
    const path = `/agent/conversations/${conversation_id}`;
    const messages = await app.call<Message[]>(`${path}/messages`, as(ada));
    const contents = messages.body.map(({ content }) => content);
    expect(contents).to.deep.equal(['one 😀', 'First.', 'two', 'Second.']);
    const before = messages.body[2]?.id;
    const page = await app.call<Message[]>(`${path}/messages?before=${before}&limit=1`, as(ada));
    expect(page.body.map(({ content }) => content)).to.deep.equal(['First.']);

    expect((await app.call(path, as(ada, { method: 'DELETE' }))).status).to.equal(200);
    expect(await code(path, as(ada))).to.deep.equal([404, 'not_found']);
    expect(await code(path, as(ada, { method: 'DELETE' }))).to.deep.equal([404, 'not_found']);
  });

  it('creates, reads and changes conversations', async () => {
    const fields = { title: 'Plans', system_prompt: 'Be brief.', temperature: 0.5, max_tokens: 99 };
    const made = await app.call<Conversation>('/agent/conversations', as(ada, { body: fields }));
    expect(made.status).to.equal(201);
    expect(made.body).to.include(fields);
    const path = `/agent/conversations/${made.body.id}`;
    const patch = { method: 'PATCH', body: { title: 'New plans', temperature: null } };
    const changed = await app.call<Conversation>(path, as(ada, patch));
    expect(changed.body).to.include({ ...fields, title: 'New plans', temperature: null });
    expect((await app.call(path, as(ada))).body).to.deep.equal(changed.body);
  });

  it('pages through conversations by link, each once, newest first', async () => {
    const paul = await app.register('paul');
    for (let i = 0; i < 5; i += 1) {
      await app.call('/agent/conversations', as(paul, { body: { title: `No. ${i}` } }));
    }
    const titles: string[] = [];
    let next: string | undefined = '/agent/conversations?limit=2&q=no.';
    while (next) {
      const page: { headers: Headers; body: Conversation[] } = await app.call(next, as(paul));
      expect(page.body.length).to.be.within(1, 2);
      titles.push(...page.body.map(({ title }) => title));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(titles).to.deep.equal(['No. 4', 'No. 3', 'No. 2', 'No. 1', 'No. 0']);
  });

  it('shows nobody what belongs to another', async () => {
    const made = await app.call<Conversation>('/agent/conversations', as(ada, { body: {} }));
    const path = `/agent/conversations/${made.body.id}`;
    for (const [url, options] of [
      [path, {}],
      [path, { method: 'PATCH', body: { title: 'mine' } }],
      [path, { method: 'DELETE' }],
      [`${path}/messages`, {}],
      ['/agent/chat', { body: { message: 'hi', conversation_id: made.body.id } }],
    ] as const) {
      expect(await code(url, as(eve, options)), url).to.deep.equal([404, 'not_found']);
    }
    const list = await app.call<Conversation[]>('/agent/conversations', as(eve));
    expect(list.body.map(({ id }) => id)).to.not.include(made.body.id);
  });

  it('wants every resource to be asked for by somebody', async () => {
    for (const path of ['/users/me', '/agent/models', '/agent/conversations']) {
      expect(await code(path), path).to.deep.equal([401, 'unauthenticated']);
    }
    expect(await code('/agent/chat', { body: { message: 'hi' } })).to.deep.equal([
      401,
      'unauthenticated',
    ]);
  });

  it('lists the models, one of them the default', async () => {
    const { body } = await app.call<ModelInfo[]>('/agent/models', as(ada));
    expect(body.map(({ id, default: isDefault }) => [id, isDefault])).to.deep.equal([
      ['test-model', true],
    ]);
    expect(await code('/agent/chat', as(ada, { body: { message: 'x', model: 'other' } }))) //
      .to.deep.equal([422, 'validation_failed']);
  });

  it('answers a failed model with the ids of what was stored', async () => {
    app.upstream.script(upstreamStatus(401), upstreamStatus(503), upstreamStatus(503));
    const failed = await app.call<ChatProblem>('/agent/chat', as(ada, { body: { message: 'x' } }));
    expect(failed.status).to.equal(502);
    expect(failed.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(failed.body).to.include({ code: 'provider_error', message_status: 'failed' });
    const path = `/agent/conversations/${failed.body.conversation_id}/messages`;
    const messages = await app.call<Message[]>(path, as(ada));
    expect(messages.body.at(-1)).to.include({ id: failed.body.message_id, status: 'failed' });
    const down = await app.call<ChatProblem>('/agent/chat', as(ada, { body: { message: 'x' } }));
    expect([down.status, down.body.code]).to.deep.equal([502, 'provider_unavailable']);
    expect(down.body.retryable).to.equal(true);
  });

  it('answers what had arrived when the model was cut off', async () => {
    app.upstream.script(endWithoutFinish('Half an'));
    const { status, body } = await chat({ message: 'x' });
    expect(status).to.equal(200);
    expect(body).to.include({ response: 'Half an', status: 'interrupted' });
  });

  it('goes on answering when the caller has hung up', async () => {
    const held = app.upstream.next();
    const asked = app.upstream.requests.length;
    const hangUp = new AbortController();
    const gone = fetch(`${app.url}/agent/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${eve.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'wait for me', client_id: 'hung-up' }),
      signal: hangUp.signal,
    }).catch(() => 'gone');
    await app.upstream.request(asked + 1);
    hangUp.abort();
    expect(await gone).to.equal('gone');
    const again = chat({ message: 'wait for me', client_id: 'hung-up' }, eve);
    held.write('I did.');
    held.finish();
    expect((await again).body).to.include({ response: 'I did.', status: 'completed' });
    expect(app.upstream.requests.length).to.equal(asked + 1);
  });
});
