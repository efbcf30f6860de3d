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
import type { Device } from '../../../lab/people/device.js';
import { withKey } from '../../../lab/people/keys.js';
import { limitTokens } from '../../../lab/people/roles.js';
import type { OpenAIProblem } from '../../../src/contract/openai.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';
import type { UsageReport } from '../../../src/contract/usage.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const MESSAGES = [
  { role: 'system', content: 'be brief' },
  { role: 'user', content: 'an older question' },
  { role: 'assistant', content: 'an older answer' },
  { role: 'user', content: [{ type: 'text', text: 'the last question' }] },
];
const STREAM = { model: 'test-model', messages: MESSAGES, stream: true };

describe('Completions that are kept in a conversation', () => {
  let app: TestApp;
  let ada: Account;
  let key: string;
  let device: Device;
  let conversation: Conversation;
  let serial = 0;

  before(async () => {
    app = await startApp({ RESERVE_TOKENS: '100' });
  });
  after(() => app?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
    ({ token: key } = await withKey(app.url, ada, ['chat']));
    device = await app.device(ada);
    ({ conversation } = await device.ask('conversation:create', { title: 'Kept' }));
    await device.ask('conversation:open', { conversation_id: conversation.id });
    app.upstream.otherwise(upstreams.answer('Hello there.', { usage: USAGE }));
  });

  const post = (
    body: unknown,
    {
      id = String(conversation.id),
      token = key,
      signal = null,
      headers = {},
    }: {
      id?: string;
      token?: string;
      signal?: AbortSignal | null;
      headers?: Record<string, string>;
    } = {},
  ) =>
    fetch(`${app.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-parley-conversation': id,
        ...headers,
      },
      body: JSON.stringify(body),
      signal,
    });
  const codeOf = async (response: Response) => {
    const { error } = (await response.json()) as OpenAIProblem;
    return { status: response.status, code: error.code, param: error.param };
  };
  const stored = async () => {
    const path = `/agent/conversations/${conversation.id}/messages`;
    const { body } = await app.call<Message[]>(path, { token: ada.token });
    return body;
  };
  const brief = async () =>
    (await stored()).map(({ role, content, status }) => ({ role, content, status }));
  const used = async () => {
    const { body } = await app.call<UsageReport>('/users/me/usage', { token: ada.token });
    return { tokens: body.day.tokens, reserved: body.day.reserved };
  };

  it('show up live, while the client gets what the model sends, and the model what the client sent', async () => {
    const odd = '{ "choices":[{"index":0,"delta":{"content":"!","x":1.0}}] }';
    const held = app.upstream.next();
    const answer = post(STREAM);
    const { body } = await held.opened;
    expect(body.messages).to.deep.equal(MESSAGES);
    const { message: asked } = await device.until(
      'message:created',
      ({ message }) => message.role === 'user',
    );
    expect(asked).to.include({ content: 'the last question' });
    held.write('live ');
    const { message_id: id } = await device.until('message:delta', ({ text }) => text !== '');
    held.write('你好');
    held.raw(event(odd));
    held.finish({ usage: USAGE });
    const text = await (await answer).text();
    const wire = textChunk('live ') + textChunk('你好') + event(odd) + finishChunk('stop') + DONE;
    expect(text.slice(text.indexOf(textChunk('live ')))).to.equal(wire);
    // The call has ended for its client when the answer is stored.
    expect(await brief()).to.deep.equal([
      { role: 'user', content: 'the last question', status: 'completed' },
      { role: 'assistant', content: 'live 你好!', status: 'completed' },
    ]);
    const [, last] = await stored();
    expect(last).to.include({ id, finish_reason: 'stop', model: 'test-model' });
    expect(last?.usage).to.include(USAGE);
    expect(await device.ended(id)).to.include({ status: 'completed' });
    expect(device.text(id)).to.equal('live 你好!');
    expect(await used()).to.deep.equal({ tokens: 12, reserved: 0 });
  });

  it('may come whole, and may have no text but calls of tools', async () => {
    app.upstream.script(upstreams.wholeJson('all at once', { usage: USAGE }));
    const whole = await (await post({ ...STREAM, stream: false })).json();
    expect(whole.choices[0].message.content).to.equal('all at once');
    const call = event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'a' }] } }] });
    const wire = call + finishChunk('tool_calls') + usageChunk(USAGE) + DONE;
    app.upstream.script(upstreams.rawStream(wire));
    await (await post(STREAM)).text();
    const answers = (await brief()).filter(({ role }) => role === 'assistant');
    expect(answers).to.deep.equal([
      { role: 'assistant', content: 'all at once', status: 'completed' },
      { role: 'assistant', content: '', status: 'completed' },
    ]);
    expect(await used()).to.deep.equal({ tokens: 24, reserved: 0 });
  });

  describe('are stored as the page would read them', () => {
    const choice = (rest: object) => event({ choices: [{ index: 0, ...rest }] });
    const shapes: [string, string][] = [
      ['parts', choice({ delta: { content: [{ type: 'text', text: 'Hello' }] } })],
      ['one part', choice({ delta: { content: { text: 'Hello' } } })],
      ['a refusal', choice({ delta: { refusal: 'Hello' } })],
      ['a message', choice({ message: { content: [{ type: 'text', text: 'Hello' }] } })],
      ['an index in a string', event({ choices: [{ index: '0', delta: { content: 'Hello' } }] })],
    ];
    for (const stream of [true, false]) {
      for (const [what, wire] of shapes) {
        it(`${what}, ${stream ? 'as a stream' : 'whole'}`, async () => {
          const rest = textChunk(' world') + finishChunk('stop') + usageChunk(USAGE) + DONE;
          app.upstream.script(upstreams.rawStream(wire + rest));
          const response = await post({ ...STREAM, stream });
          expect(await response.text()).to.include('Hello');
          const [, answer] = await stored();
          expect(answer).to.include({ content: 'Hello world', status: 'completed' });
          await device.ended(answer?.id ?? 0);
          expect(device.text(answer?.id ?? 0)).to.equal('Hello world');
        });
      }
    }

    it('text of legacy completions, as a stream and whole', async () => {
      for (const stream of [true, false]) {
        const wire = choice({ text: 'Hello' }) + choice({ text: ' world', finish_reason: 'stop' });
        app.upstream.script(upstreams.rawStream(wire + DONE));
        await (await post({ ...STREAM, stream })).text();
        expect((await stored()).at(-1)).to.include({ content: 'Hello world', status: 'completed' });
      }
    });

    it('but never as completed when a text is in an unknown shape, which their client is told', async () => {
      const odd = choice({ messages: [{ delta: { content: ' world' } }] });
      const wire = textChunk('Hello') + odd + finishChunk('stop') + DONE;
      app.upstream.script(upstreams.rawStream(wire));
      expect(await (await post(STREAM)).text())
        .to.include('"error"')
        .and.not.include('[DONE]');
      const [, answer] = await eventually(stored, (all) => all[1]?.status === 'interrupted');
      expect(answer).to.include({ content: 'Hello' });
      expect(answer?.error).to.include({ code: 'provider_error' });
    });
  });

  it('are stopped by a client that leaves, with what was said', async () => {
    const held = app.upstream.next();
    const leaving = new AbortController();
    const response = await Promise.all([
      post(STREAM, { signal: leaving.signal }),
      held.opened.then(() => held.write('half')),
    ]).then(([given]) => given);
    await device.until('message:delta', ({ text }) => text === 'half');
    const reading = response.text().catch((error: Error) => error.name);
    leaving.abort();
    expect(await reading).to.equal('AbortError');
    await held.closed;
    await eventually(brief, (all) => all[1]?.status === 'stopped');
    expect((await brief())[1]).to.include({ content: 'half' });
    // Usage that the server did not count is counted by the messages sent to the model.
    expect((await used()).tokens).to.be.within(20, 50);
  });

  it('are not stopped by the quota when they come whole', async () => {
    await limitTokens(app, ada, 40);
    const text = 'some more words '.repeat(200);
    app.upstream.otherwise(upstreams.wholeJson(text, { usage: USAGE }));
    const whole = await post({ ...STREAM, stream: false, max_tokens: 500 });
    expect(whole.status).to.equal(200);
    expect(await whole.text()).to.include(text);
    expect((await brief())[1]).to.deep.equal({
      role: 'assistant',
      content: text,
      status: 'completed',
    });
  });

  it('can be stopped from another device, which their client is told', async () => {
    const held = app.upstream.next();
    const answer = post(STREAM);
    await held.opened;
    held.write('half');
    const { message_id } = await device.until('message:delta', ({ text }) => text === 'half');
    await device.ask('generation:stop', { message_id });
    const text = await (await answer).text();
    expect(text).to.include('The answer was stopped.').and.not.include('[DONE]');
    await held.closed;
  });

  it('fail in the conversation and for the client alike', async () => {
    app.upstream.script(upstreams.status(400, { message: 'bad tools', param: 'tools' }));
    expect(await codeOf(await post(STREAM))).to.include({ status: 400, param: 'tools' });
    app.upstream.script(upstreams.cutInJson('half'));
    expect(await (await post(STREAM)).text()).to.not.include('[DONE]');
    await eventually(brief, (all) => all[3]?.status === 'interrupted');
    const statuses = (await brief()).map(({ status }) => status);
    expect(statuses).to.deep.equal(['completed', 'failed', 'completed', 'interrupted']);
  });

  it('are refused, and nothing is stored, for who may not write there', async () => {
    const eve = await app.register(`eve${serial}`);
    const asked = app.upstream.requests.length;
    const foreign = await codeOf(await post(STREAM, { token: eve.token }));
    expect(foreign).to.include({ status: 404, code: 'not_found' });
    expect(await codeOf(await post(STREAM, { id: '1234567' }))).to.include({ status: 404 });
    for (const id of ['x', '', '-1', '1.5', '9'.repeat(30)]) {
      const wrong = await codeOf(await post(STREAM, { id }));
      expect(wrong, id).to.include({ status: 400, param: 'X-Parley-Conversation' });
    }
    const both = await post(STREAM, { headers: { 'idempotency-key': 'one' } });
    expect(await codeOf(both)).to.include({ status: 400, param: 'X-Parley-Conversation' });
    for (const messages of [
      [{ role: 'system', content: 'x' }],
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }],
      [{ role: 'user', content: 'x\u0000' }],
      [{ role: 'user', content: 'x'.repeat(40_000) }],
      ['user', null, 7],
    ]) {
      const wrong = await codeOf(await post({ ...STREAM, messages }));
      expect(wrong).to.include({ status: 400, param: 'messages' });
    }
    expect(await stored()).to.deep.equal([]);
    expect(app.upstream.requests).to.have.length(asked);
  });

  it('are refused, and nothing is stored, while another answer of the conversation runs', async () => {
    const held = app.upstream.next();
    const first = post(STREAM);
    await held.opened;
    const second = await post(STREAM);
    expect(Number(second.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(await codeOf(second)).to.include({ status: 429, code: 'rate_limit_exceeded' });
    held.finish({ usage: USAGE });
    await (await first).text();
    expect(await stored()).to.have.length(2);
    await (await post(STREAM)).text();
    expect(await stored()).to.have.length(4);
  });

  it('are continued from the conversation as it is stored when their node stops', async () => {
    const held = app.upstream.next();
    const answer = post(STREAM);
    await held.opened;
    held.write('half');
    await device.until('message:delta', ({ text }) => text === 'half');
    const reading = answer.then((response) => response.text());
    app.upstream.script(upstreams.answer('the whole answer', { usage: USAGE }));
    await app.restart();
    expect(await reading)
      .to.include('unavailable')
      .and.not.include('[DONE]');
    const all = await eventually(brief, (found) => found[1]?.status === 'completed');
    expect(all[1]).to.include({ content: 'the whole answer' });
    expect(app.upstream.requests.at(-1)?.body.messages.at(-1)).to.deep.equal({
      ...{ role: 'user', content: 'the last question' },
    });
  });
});
