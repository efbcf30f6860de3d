import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { reasoningChunk, textChunk } from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import type { Conversation, ModelInfo } from '../../../src/contract/rest.js';
import { expectNoRejections } from '../../support/rejections.js';

const PRICE = { input: 2, output: 10, currency: 'USD' };

let keys = 0;
const key = () => `providers-${keys++}`;

describe('Several model servers', () => {
  expectNoRejections();

  let dir: string;
  let far: upstreams.Upstream;
  let near: upstreams.Upstream;
  let app: TestApp;
  let ada: Account;
  let device: Device;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'providers-'));
    [far, near] = await Promise.all([upstreams.startUpstream(), upstreams.startUpstream()]);
    // A failure is remembered, so each failing test has a provider of its own.
    const fragile = Array.from({ length: 12 }, (_, i) => ({
      ...{ name: `fragile-${i}`, base_url: far.url },
      models: [{ id: `fragile-${i}`, fallback: ['small'], price: PRICE }],
    }));
    const narrow = { id: 'narrow', context_window: 200, max_output: 50 };
    const wide = {
      ...{ name: 'wide', base_url: far.url },
      models: [{ id: 'wide', context_window: 8_000, fallback: ['narrow'] }],
    };
    const providers = [
      {
        name: 'far',
        base_url: far.url,
        api_key_env: 'FAR_KEY',
        models: [
          {
            ...{ id: 'big', upstream_id: 'big-v2', name: 'Big', aliases: ['best'] },
            ...{ context_window: 4_000, max_output: 500, vision: true, reasoning: true },
            ...{ price: PRICE, fallback: ['small'] },
          },
        ],
      },
      {
        name: 'near',
        base_url: near.url,
        models: [{ id: 'small' }, { id: 'tagged', think_tags: true }, narrow],
      },
    ];
    const path = join(dir, 'providers.json');
    await writeFile(path, JSON.stringify({ providers: [...providers, wide, ...fragile] }));
    app = await startApp({
      ...{ LIMIT_SCALE: '0', PROVIDERS_FILE: path, FAR_KEY: 'sk-far-123' },
      ...{ OPENAI_MODEL: 'scripted', PROVIDER_MAX_RETRIES: '0' },
    });
    ada = await app.register('ada');
    device = await app.device(ada);
  });
  after(async () => {
    await app.stop();
    await Promise.all([far.stop(), near.stop()]);
    await rm(dir, { recursive: true });
  });

  let fragiles = 0;
  const fragile = () => `fragile-${fragiles++}`;

  const ask = async (content: string, model?: string) => {
    const sent = await device.ask('message:send', {
      ...{ client_id: key(), content },
      ...(model !== undefined && { model }),
    });
    const { id } = sent.assistant_message;
    const end = await device.ended(id);
    const { messages } = await device.ask('conversation:open', {
      conversation_id: sent.conversation.id,
    });
    return { sent, id, end, message: messages.at(-1) };
  };

  it('are listed with their models, that of the variables first', async () => {
    const { body } = await app.call<ModelInfo[]>('/agent/models', { token: ada.token });
    const unknown = { context_window: null, max_output: null, price: null };
    const plain = { ...unknown, default: false, vision: false, reasoning: false };
    expect(body.slice(0, 4)).to.deep.equal([
      { ...plain, id: 'scripted', name: 'scripted', provider: 'openai', default: true },
      {
        ...{ id: 'big', name: 'Big', provider: 'far', default: false },
        ...{ context_window: 4_000, max_output: 500, vision: true, reasoning: true, price: PRICE },
      },
      { ...plain, id: 'small', name: 'small', provider: 'near' },
      { ...plain, id: 'tagged', name: 'tagged', provider: 'near' },
    ]);
  });

  it('are asked with their own key and name of a model, which is chosen by id or alias', async () => {
    const { sent, message } = await ask('hi', 'best');
    expect(sent.user_message.model).to.equal('big');
    expect(message).to.include({ model: 'big', content: 'Hello there.' });
    const request = far.requests.at(-1);
    expect(request?.body.model).to.equal('big-v2');
    expect(request?.headers.authorization).to.equal('Bearer sk-far-123');
    await ask('hi', 'small');
    expect(near.requests.at(-1)?.body.model).to.equal('small');
    expect(near.requests.at(-1)?.headers.authorization).to.not.include('far');
    await ask('hi');
    expect(app.upstream.requests.at(-1)?.body.model).to.equal('scripted');
  });

  it('give a conversation its model, kept by id', async () => {
    const fields = { body: { model: 'best' }, token: ada.token };
    const { body } = await app.call<Conversation>('/agent/conversations', fields);
    expect(body.model).to.equal('big');
    const refused = await device.emit('conversation:update', {
      conversation_id: body.id,
      model: 'unknown',
    });
    expect(refused.ok ? 'ok' : refused.error.code).to.equal('validation_failed');
  });

  it('count what an answer costs, by the price of the model', async () => {
    far.script(
      upstreams.answer('So.', {
        usage: { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 },
      }),
    );
    const { end, message } = await ask('hi', 'big');
    expect(end.usage).to.include({ cost: 0.004, cached_tokens: 0, reasoning_tokens: 0 });
    expect(message?.usage).to.deep.equal(end.usage);
    expect((await ask('hi', 'small')).end.usage).to.include({ cost: null });
  });

  it('cap the answer at what the model can write', async () => {
    const { body } = await app.call<Conversation>('/agent/conversations', {
      ...{ body: { model: 'big', max_tokens: 9_000 }, token: ada.token },
    });
    const sent = await device.ask('message:send', {
      ...{ client_id: key(), content: 'hi', conversation_id: body.id },
    });
    await device.ended(sent.assistant_message.id);
    expect(far.requests.at(-1)?.body.max_tokens).to.equal(500);
  });

  const FAILURES: [what: string, behaviour: upstreams.Behaviour][] = [
    ['is down', upstreams.refuse()],
    ['has a problem', upstreams.status(500)],
    ['refuses the key', upstreams.status(401)],
    ['is too busy for long', upstreams.rateLimited(30)],
    ['reports an error before its text', upstreams.dataError([])],
    ['ends without an answer', upstreams.endWithoutFinish([])],
  ];
  for (const [what, behaviour] of FAILURES) {
    it(`are followed by the fallback if one ${what}`, async () => {
      far.script(behaviour);
      near.script(upstreams.answer('From nearby.'));
      const { sent, end, message } = await ask('hi', fragile());
      expect(sent.assistant_message.model).to.match(/^fragile-/);
      expect(end).to.include({ status: 'completed', model: 'small', attempt: 1 });
      expect(end.usage?.cost).to.equal(null);
      expect(message).to.include({ model: 'small', content: 'From nearby.' });
    });
  }

  it('are not followed once there is text', async () => {
    far.script(upstreams.dataError('Half'));
    const before = near.requests.length;
    const { end, message } = await ask('hi', fragile());
    expect(end).to.include({ status: 'interrupted' }).and.not.have.property('model');
    expect(message?.model).to.match(/^fragile-/);
    expect(message?.content).to.equal('Half');
    expect(near.requests).to.have.length(before);
  });

  it('are followed after reasoning too, which both then have shown', async () => {
    far.script(upstreams.rawStream(reasoningChunk('far thought')));
    near.script(upstreams.rawStream(reasoningChunk('near thought') + textChunk('So.')));
    const { message } = await ask('hi', fragile());
    expect(message).to.include({ content: 'So.', reasoning: 'far thought\n\nnear thought' });
  });

  it('are not asked first for half a minute after they have failed', async () => {
    const model = fragile();
    far.script(upstreams.status(500));
    await ask('one', model);
    const before = far.requests.length;
    const { end } = await ask('two', model);
    expect(end).to.include({ status: 'completed', model: 'small' });
    expect(far.requests).to.have.length(before);
    near.script(upstreams.status(500));
    expect((await ask('three', model)).end)
      .to.include({ status: 'completed' })
      .and.not.have.property('model');
    expect(far.requests).to.have.length(before + 1);
  });

  it('are asked as a fallback with what fits their own context', async () => {
    const long = 'word '.repeat(300);
    const { sent } = await ask(long, 'small');
    far.script(upstreams.status(500));
    const { assistant_message } = await device.ask('message:send', {
      ...{ client_id: key(), content: 'short', model: 'wide' },
      conversation_id: sent.conversation.id,
    });
    const end = await device.ended(assistant_message.id);
    expect(end).to.include({ status: 'completed', model: 'narrow' });
    expect(end.context).to.deep.equal({ included: 1, omitted: 2 });
    const { body } = near.requests.at(-1) ?? {};
    expect(JSON.stringify(body?.messages)).to.include('short').and.not.include('word');
    expect(end.usage?.prompt_tokens).to.be.below(150);
  });

  it('are named as no longer offered before anything is stored, also by a repetition of nothing', async () => {
    const { sent } = await ask('hi', 'small');
    const conversation_id = sent.conversation.id;
    await app.rows(`UPDATE conversations SET model = 'gone' WHERE id = $1`, [conversation_id]);
    const answer = sent.assistant_message.id;
    const calls: Parameters<Device['emit']>[] = [
      ['message:send', { client_id: key(), content: 'for gone alone', conversation_id }],
      ['message:edit', { client_id: key(), content: 'x', message_id: sent.user_message.id }],
      ['message:regenerate', { client_id: key(), message_id: answer }],
    ];
    for (const call of calls) {
      const ack = await device.emit(...call);
      expect(!ack.ok && ack.error).to.include({ code: 'validation_failed', retryable: false });
      expect(!ack.ok && ack.error.details?.map(({ path }) => path)).to.deep.equal(['model']);
    }
    const { messages } = await device.ask('conversation:open', { conversation_id });
    expect(messages).to.have.length(2);
    const note = { client_id: key(), content: 'a note', conversation_id, answer: false } as const;
    expect((await device.ask('message:send', note)).assistant_message).to.equal(null);
    const other = { client_id: key(), content: 'to another', conversation_id, model: 'small' };
    const asked = await device.ask('message:send', other);
    await device.ended(asked.assistant_message.id);
  });

  it('get nothing that was meant for a model that none of them offers any more', async () => {
    const { conversation } = await device.ask('conversation:create', { model: 'small' });
    const place = { conversation_id: conversation.id };
    const held = near.next();
    const first = await device.ask('message:send', {
      ...{ client_id: key(), content: 'before', ...place },
    });
    await held.opened;
    const sent = await device.ask('message:send', {
      ...{ client_id: key(), content: 'for gone alone', ...place },
    });
    const id = sent.assistant_message.id;
    await app.rows(`UPDATE messages SET model = 'gone' WHERE id = $1`, [id]);
    const before = [app.upstream, far, near].map(({ requests }) => requests.length);
    held.finish();
    await device.ended(first.assistant_message.id);
    const end = await device.ended(id);
    expect(end).to.include({ status: 'failed' });
    expect(end.error).to.deep.equal({
      code: 'provider_error',
      message: 'The model is no longer offered. Please choose another one.',
    });
    expect([app.upstream, far, near].map(({ requests }) => requests.length)).to.deep.equal(before);
  });

  it('fail like one if all have failed', async () => {
    far.script(upstreams.status(500));
    near.script(upstreams.status(400));
    const { end, message } = await ask('hi', fragile());
    expect(end.error?.code).to.equal('provider_error');
    expect(message).to.include({ status: 'failed', model: 'small' });
  });

  it('have their reasoning taken out of the text where the file says so', async () => {
    near.script(upstreams.answer(['<thi', 'nk>hm', '</think>\n\nSo', '.']));
    expect((await ask('hi', 'tagged')).message).to.include({ content: 'So.', reasoning: 'hm' });
    near.script(upstreams.answer('<think>hm</think>So.'));
    expect((await ask('hi', 'small')).message).to.include({
      ...{ content: '<think>hm</think>So.', reasoning: null },
    });
  });

  it('tell how much of a long conversation the model got', async () => {
    const long = 'word '.repeat(1_500);
    const { sent, message } = await ask(long, 'big');
    expect(message?.context).to.equal(null);
    const conversation_id = sent.conversation.id;
    const again = async (content: string) => {
      const { assistant_message } = await device.ask('message:send', {
        ...{ client_id: key(), conversation_id, content, model: 'big' },
      });
      return device.ended(assistant_message.id);
    };
    await again(long);
    const end = await again(long);
    expect(end.context).to.deep.equal({ included: 3, omitted: 2 });
    const { messages } = await device.ask('conversation:open', { conversation_id });
    expect(messages.at(-1)?.context).to.deep.equal(end.context);
  });
});
