import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import {
  DONE,
  event,
  finishChunk,
  textChunk,
  usageChunk,
} from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { Described } from '../../../lab/people/described.js';
import { withKey } from '../../../lab/people/keys.js';
import { limitTokens } from '../../../lab/people/roles.js';
import { LIMITS } from '../../../src/contract/limits.js';
import type { OpenAIModelList, OpenAIProblem } from '../../../src/contract/openai.js';
import type { UsageReport } from '../../../src/contract/usage.js';

const COUNTED = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const MESSAGES = [{ role: 'user', content: 'the secret question' }];
const BODY = { model: 'test-model', messages: MESSAGES };
const STREAM = { ...BODY, stream: true };
const PATH = '/v1/chat/completions';

describe('Completions for programs', () => {
  let app: TestApp;
  let ada: Account;
  let key: string;
  let serial = 0;

  before(async () => {
    app = await startApp({ RESERVE_TOKENS: '100' });
  });
  after(() => app?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
    ({ token: key } = await withKey(app.url, ada, ['chat']));
    app.upstream.otherwise(upstreams.answer('Hello there.', { usage: COUNTED }));
  });

  const post = (body: unknown, { token = key, signal = null as AbortSignal | null } = {}) =>
    fetch(app.url + PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    });
  const refused = async (asked: Response | Promise<Response>) => {
    const response = await asked;
    const { error } = (await response.json()) as OpenAIProblem;
    expect(error).to.have.all.keys('code', 'message', 'param', 'type');
    expect(response.headers.get('content-type')).to.match(/^application\/json/);
    const { code, param, type } = error;
    return { status: response.status, code, param, type };
  };
  const usage = async () => {
    const { body } = await app.call<UsageReport>('/users/me/usage', { token: ada.token });
    return { tokens: body.day.tokens, reserved: body.day.reserved };
  };
  /** A call has ended for its client before it has been counted. */
  const settled = () => eventually(usage, ({ reserved }) => reserved === 0);
  /** A call that runs, and the model's side of it. */
  const running = async (body: object = STREAM, { token = key } = {}) => {
    const held = app.upstream.next();
    const leaving = new AbortController();
    const response = post(body, { token, signal: leaving.signal });
    await held.opened;
    return { held, response, leave: () => leaving.abort() };
  };

  it('come as the model server sent them, byte for byte, and end like OpenAI’s', async () => {
    const odd =
      '{ "choices":[{"index":0,"delta":{"tool_calls":[{"index":0}],"x":1.0}}],"y":"\\u00e9" }';
    const wire = textChunk('a 你好') + event(odd) + finishChunk('stop');
    app.upstream.script(upstreams.rawStream(wire + usageChunk(COUNTED) + DONE));
    const response = await post(STREAM);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).to.equal('no');
    expect(response.headers.get('cache-control')).to.include('no-transform');
    expect(response.headers.get('content-encoding')).to.equal(null);
    expect(await response.text()).to.equal(wire + DONE);
    await settled();
    expect((await usage()).tokens).to.equal(12);
  });

  it('come whole where no stream is asked for', async () => {
    const whole = `{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":${JSON.stringify(COUNTED)},"extra":[1.50]}`;
    app.upstream.script(upstreams.body(whole, { 'content-type': 'application/json' }));
    const response = await post(BODY);
    expect(await response.text()).to.equal(whole);
    expect(response.headers.get('content-type')).to.match(/^application\/json/);
    expect(await usage()).to.deep.equal({ tokens: 12, reserved: 0 });
  });

  it('have their usage counted where the server counts nothing, and show it to who asks', async () => {
    const silent = upstreams.answer('one two three', { usage: null });
    app.upstream.script(silent, silent);
    expect(await (await post(STREAM)).text()).to.not.include('"usage"');
    const { tokens } = await usage();
    expect(tokens).to.be.within(8, 20);
    const shown = await post({ ...STREAM, stream_options: { include_usage: true } });
    const events = (await shown.text()).trim().split('\n\n');
    const last = JSON.parse(events.at(-2)?.slice('data: '.length) ?? '');
    expect(last).to.deep.include({ choices: [], model: 'scripted', id: 'chatcmpl-scripted' });
    expect(last.usage).to.include({ total_tokens: tokens });
    expect((await usage()).tokens).to.equal(2 * tokens);

    app.upstream.script(upstreams.wholeJson('one two three', { usage: null }));
    const whole = await (await post(BODY)).json();
    expect(whole.usage).to.include({ total_tokens: tokens });
    expect(whole.choices[0].message.content).to.equal('one two three');
  });

  it('send a body on as it is, up to 20 MB', async () => {
    const url = `data:image/png;base64,${'A'.repeat(LIMITS.completionBytes - 1_000)}`;
    const content = [{ type: 'image_url', image_url: { url } }];
    const body = { ...BODY, messages: [{ role: 'user', content }], vendor: { deep: [null, 1.5] } };
    expect((await post(body)).status).to.equal(200);
    const sent = app.upstream.requests.at(-1)?.body;
    expect(sent).to.deep.equal({ ...body, user: String(ada.id) });
    const large = JSON.stringify({ ...body, more: 'A'.repeat(1_000) });
    expect(await refused(post(large))).to.include({ status: 413, code: 'payload_too_large' });
  });

  it('may ask for more than any model says', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    for (const limits of [
      { max_tokens: most, n: 1e9 },
      { max_completion_tokens: most, max_tokens: 1, n: most },
    ]) {
      expect((await post({ ...BODY, ...limits })).status).to.equal(200);
      const headers = { 'idempotency-key': `n${JSON.stringify(limits).length}` };
      const durable = await app.call(PATH, {
        ...{ token: key, body: { ...BODY, ...limits }, headers },
      });
      expect(durable.status).to.equal(200);
    }
    await settled();
  });

  it('have bodies of a bounded cost, whatever their bytes', async () => {
    const chain = `${'{"a":'.repeat(95)}1${'}'.repeat(95)}`;
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
    const asked = app.upstream.requests.length;
    for (const more of [
      // Objects of one key have no comma.
      `"x":[${Array(2_000).fill(chain).join()}]`,
      `"x":${'['.repeat(100)}${']'.repeat(100)}`,
      JSON.stringify(fields(LIMITS.completionFields)).slice(1, -1),
    ]) {
      const body = `${JSON.stringify(BODY).slice(0, -1)},${more}}`;
      expect(await refused(post(body))).to.include({ status: 400, code: 'validation_failed' });
    }
    expect(app.upstream.requests).to.have.length(asked);
    const deep = { ...fields(LIMITS.completionFields - 3), x: fields(20_000) };
    expect((await post({ ...BODY, ...deep })).status).to.equal(200);
  });

  it('are for keys with the scope, and for access tokens; never for cookies', async () => {
    const { token: reader } = await withKey(app.url, ada, ['read', 'write']);
    expect((await post(BODY, { token: ada.token })).status).to.equal(200);
    expect(await refused(post(BODY, { token: reader }))).to.include({
      status: 403,
      code: 'forbidden',
    });
    const listed = await app.call('/v1/models', { token: reader });
    expect(listed.status).to.equal(200);
    for (const token of ['pk_nobody', `${key}x`, 'x', '']) {
      const answer = await refused(post(BODY, { token }));
      expect(answer, token).to.include({ status: 401, code: 'invalid_api_key' });
    }
    const headers = {
      'content-type': 'application/json',
      cookie: `access_token=${ada.token}`,
      origin: app.url,
    };
    const body = JSON.stringify(BODY);
    const withCookie = fetch(app.url + PATH, { method: 'POST', headers, body });
    expect(await refused(withCookie)).to.include({ status: 401, code: 'invalid_api_key' });
    expect(app.upstream.requests.at(-1)?.body.user).to.equal(String(ada.id));
  });

  it('name the field that is wrong', async () => {
    const wrong: [object, string][] = [
      [{ messages: MESSAGES }, 'model'],
      [{ model: 7, messages: MESSAGES }, 'model'],
      [{ model: 'test-model' }, 'messages'],
      [{ ...BODY, messages: 'x' }, 'messages'],
      [{ ...BODY, messages: [] }, 'messages'],
      [{ ...BODY, stream: 'yes' }, 'stream'],
      [{ ...BODY, stream_options: 'x' }, 'stream_options'],
      [{ ...BODY, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    ];
    for (const [body, param] of wrong) {
      const answer = await refused(post(body));
      expect(answer, param).to.include({ status: 400, param, type: 'invalid_request_error' });
    }
    for (const text of ['', '{', 'null', '[]', '"x"', '{"model":"\u0000']) {
      expect((await refused(post(text))).status, text).to.equal(400);
    }
    const deep = `{"model":"test-model","messages":[${'['.repeat(5_000)}${']'.repeat(5_000)}]}`;
    expect((await refused(post(deep))).status).to.equal(400);
    const many = `{"model":"test-model","messages":[${'0,'.repeat(200_000)}0]}`;
    expect((await refused(post(many))).status).to.equal(400);
    expect(await refused(post({ ...BODY, model: 'gpt-nobody' }))).to.include({
      ...{ status: 404, code: 'model_not_found', param: 'model' },
    });
  });

  it('have errors of one shape for everything else below the path', async () => {
    const call = (path: string, method = 'GET') =>
      fetch(app.url + path, { method, headers: { authorization: `Bearer ${key}` } });
    expect(await refused(call('/v1/nothing'))).to.include({ status: 404, code: 'unknown_url' });
    expect(await refused(call('/v1'))).to.include({ status: 404, code: 'unknown_url' });
    expect(await refused(call('/v1/%E0%A4%A'))).to.include({ type: 'invalid_request_error' });
    for (const [path, method] of [
      [PATH, 'GET'],
      ['/v1/models', 'POST'],
      ['/v1/models/test-model', 'DELETE'],
    ] as const) {
      const response = await call(path, method);
      expect(response.headers.get('allow')).to.be.a('string');
      expect(await refused(response)).to.include({ status: 405, code: 'method_not_supported' });
    }
  });

  it('list the models', async () => {
    const list = await app.call<OpenAIModelList>('/v1/models', { token: key });
    const model = { id: 'test-model', object: 'model', created: 0, owned_by: 'openai' };
    expect(list.body).to.deep.equal({ object: 'list', data: [model] });
    const one = await app.call('/v1/models/test-model', { token: key });
    expect(one.body).to.deep.equal(model);
    const none = await app.call<OpenAIProblem>('/v1/models/some/other', { token: key });
    expect(none).to.include({ status: 404 });
    expect(none.body.error).to.include({ code: 'model_not_found' });
    expect((await app.call('/v1/models')).status).to.equal(401);
  });

  it('pass on what the server says of the request, and hide what it says of this service', async () => {
    const message = 'Invalid schema for function f';
    app.upstream.script(upstreams.status(400, { message, param: 'tools[0].function' }));
    const answer = await post(STREAM);
    expect((await answer.clone().json()).error.message).to.equal(message);
    expect(await refused(answer)).to.include({ status: 400, param: 'tools[0].function' });
    const described = await Described.read();
    for (const status of [400, 413, 415, 422]) {
      app.upstream.script(upstreams.status(status, { message }));
      const passed = await post(STREAM);
      const { headers } = passed;
      const misfit = described.answer(
        'POST /v1/chat/completions',
        passed.status,
        headers.get('content-type') ?? '',
        await passed.clone().json(),
      );
      expect(misfit, String(status)).to.equal(null);
      expect(await refused(passed)).to.include({ status, code: null });
    }
    for (const status of [401, 403, 404]) {
      app.upstream.script(upstreams.status(status, { message: 'the account of the operator' }));
      const hidden = await post(STREAM);
      expect(await hidden.clone().text()).to.not.include('operator');
      expect(await refused(hidden)).to.include({ status: 502, code: 'provider_error' });
    }
    app.upstream.script(upstreams.refuse(), upstreams.refuse());
    expect(await refused(post(BODY))).to.include({ status: 502, code: 'provider_unavailable' });
    expect(await usage()).to.deep.equal({ tokens: 0, reserved: 0 });
  });

  it('end with an error and without [DONE] when the model breaks off', async () => {
    const broken = [
      upstreams.cutInJson('half'),
      upstreams.endWithoutFinish('half'),
      upstreams.dataError('half', 'overloaded'),
    ];
    for (const behaviour of broken) {
      app.upstream.script(behaviour);
      const events = (await (await post(STREAM)).text()).trim().split('\n\n');
      expect(events.join()).to.include('half').and.not.include('[DONE]');
      const { error } = JSON.parse(events.at(-1)?.slice('data: '.length) ?? '');
      expect(Object.keys(error)).to.have.members(['message', 'type', 'param', 'code']);
      expect(error.type).to.be.a('string').and.include('server_error');
    }
    const { tokens, reserved } = await usage();
    expect(tokens).to.be.greaterThan(3 * 5);
    expect(reserved).to.equal(0);
  });

  it('stop the model when the client leaves, and charge what it had said', async () => {
    const { held, response, leave } = await running();
    held.write('some words that were said');
    const { body } = await response;
    await body?.getReader().read();
    leave();
    await held.closed;
    await settled();
    expect((await usage()).tokens).to.be.within(10, 30);
  });

  it('stop the model when the client leaves before anything has come', async () => {
    const { held, response, leave } = await running(BODY);
    const left = response.catch((error: Error) => error.name);
    leave();
    await held.closed;
    expect(await left).to.equal('AbortError');
    await settled();
  });

  it('end with an error within a second when the key is revoked', async () => {
    const { token, keyId } = await withKey(app.url, ada, ['chat']);
    const { held, response } = await running(STREAM, { token });
    held.write('half');
    const reading = (await response).text();
    await app.call(`/users/me/keys/${keyId}`, { token: ada.token, method: 'DELETE' });
    const text = await reading;
    expect(text).to.include('half').and.include('"code":"invalid_api_key"');
    expect(text).to.not.include('[DONE]');
    await held.closed;
  });

  it('count against the quota, and are stopped where it ends', async () => {
    await limitTokens(app, ada, 150);
    const { held, response } = await running({ ...STREAM, max_tokens: 60 });
    const { reserved } = await usage();
    expect(reserved).to.be.within(60, 90);
    const other = await post({ ...BODY, max_tokens: 100 });
    expect(Number(other.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(await refused(other)).to.include({ status: 429, code: 'insufficient_quota' });
    held.write(...Array<string>(40).fill('some words '), ...Array<string>(200).fill('more words '));
    const text = await (await response).text();
    expect(text).to.include('insufficient_quota').and.not.include('[DONE]');
    await held.closed;
    await settled();
    expect((await usage()).tokens).to.be.greaterThan(149);
    expect(await refused(post(BODY))).to.include({ status: 429, type: 'insufficient_quota' });
  });

  it('leave nothing of the text in the database', async () => {
    app.upstream.script(upstreams.answer('a stateless answer', { usage: COUNTED }));
    const messages = [{ role: 'user', content: 'a stateless question' }];
    await (await post({ ...STREAM, messages })).text();
    const tables = await app.rows<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.length).to.be.greaterThan(20);
    for (const { name } of tables) {
      const rows = await app.rows(
        `SELECT FROM ${name} t WHERE t::text ~ 'a stateless (question|answer)'`,
      );
      expect(rows, name).to.have.length(0);
    }
  });

  it('cut off a client that reads nothing of a long answer', async () => {
    const { hostname, port } = new URL(app.url);
    const held = app.upstream.next();
    const asking = httpRequest({
      ...{ hostname, port, path: PATH, method: 'POST' },
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    asking.on('error', () => {});
    asking.end(JSON.stringify(STREAM));
    const response = once(asking, 'response');
    await held.opened;
    held.write('x');
    const [message] = await response;
    message.pause();
    const piece = 'x'.repeat(100_000);
    let isClosed = false;
    void held.closed.then(() => {
      isClosed = true;
    });
    // More than the system buffers, and more than the node holds.
    for (let i = 0; i < 400 && !isClosed; i++) {
      held.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await held.closed;
    asking.destroy();
  });

  it('are limited like other messages, with the time to wait', async () => {
    const limited = await startApp({ MESSAGES_PER_MINUTE: '1' });
    try {
      const bob = await limited.register('bob');
      const call = () =>
        fetch(limited.url + PATH, {
          method: 'POST',
          headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(BODY),
        });
      expect((await call()).status).to.equal(200);
      const second = await call();
      expect(Number(second.headers.get('retry-after'))).to.be.greaterThan(0);
      expect(await refused(second)).to.include({ status: 429, code: 'rate_limit_exceeded' });
    } finally {
      await limited.stop();
    }
  });

  it('go on while their node drains, and end with an error when it stops', async () => {
    const { held, response } = await running();
    held.write('half');
    const reading = (await response).text();
    const restarted = app.restart();
    const text = await reading;
    await restarted;
    expect(text).to.include('half').and.include('"code":"unavailable"');
  });
});
