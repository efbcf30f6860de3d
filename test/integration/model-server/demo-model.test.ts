import { expect } from 'chai';
import { OpenAI } from 'openai';
import { type DemoModel, startDemoModel } from '../../../src/adapters/openai/demo/server.js';
import { createOpenAIProvider } from '../../../src/adapters/openai/provider.js';
import { openTokenizer } from '../../../src/adapters/openai/tokenizer.js';
import { en } from '../../../src/web/i18n/en.js';
import { zh } from '../../../src/web/i18n/zh.js';

const HAN = /\p{Script=Han}/u;

describe('demo model', () => {
  const running: DemoModel[] = [];
  const start = async (tokensPerSecond = Number.POSITIVE_INFINITY) => {
    const model = await startDemoModel({ tokensPerSecond });
    running.push(model);
    const client = new OpenAI({ apiKey: 'none', baseURL: model.url, maxRetries: 0 });
    const ask = async (...contents: string[]) => {
      const messages = contents.map((content) => ({ role: 'user' as const, content }));
      const answer = await client.chat.completions.create({ model: 'parley-demo', messages });
      return answer.choices[0]?.message.content ?? '';
    };
    return { model, client, ask };
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((model) => model.stop()));
  });

  it('streams through the provider like any other model', async () => {
    const { model, ask } = await start();
    const provider = createOpenAIProvider({
      apiKey: null,
      baseUrl: model.url,
      defaultModel: model.models[0] ?? '',
      models: model.models,
      connectTimeoutMs: 60_000,
      firstChunkTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      totalTimeoutMs: 60_000,
      maxRetries: 0,
    });
    const texts: string[] = [];
    const end = await provider.stream(
      {
        model: 'parley-demo',
        messages: [{ role: 'user', content: 'Hello' }],
        temperature: null,
        maxTokens: null,
        user: '1',
      },
      (text) => texts.push(text),
      { signal: new AbortController().signal },
    );
    await provider.stop();
    expect(texts.length).to.be.greaterThan(20);
    expect(texts.join('')).to.equal(await ask('Hello'));
    expect(end.finishReason).to.equal('stop');
    expect(end.usage?.completion_tokens).to.equal(texts.length);
    expect(end.usage?.estimated).to.equal(false);
  });

  it('says that it is a demo and how to connect a real model, in the language of the user', async () => {
    const { ask } = await start();
    const english = await ask('What is the weather?');
    expect(english)
      .to.match(/demo model/)
      .and.match(/OPENAI_API_KEY/)
      .and.match(/OPENAI_BASE_URL/);
    expect(english).not.to.match(HAN);
    const chinese = await ask('What is the weather?', '用 Python 写点什么');
    expect(chinese)
      .to.match(/演示模型/)
      .and.match(/OPENAI_API_KEY/)
      .and.match(/OPENAI_BASE_URL/);
    expect(await ask('漢字とかな')).to.match(/demo model/);
    expect(await ask('Bonjour, ça va ?')).to.match(/demo model/);
  });

  it('takes up what the user said, on one line and without its markup', async () => {
    const { ask } = await start();
    const reply = await ask('# Title\n<script>alert(1)</script> **bold** [a](http://x)');
    expect(reply).to.include(
      '> \\# Title \\<script\\>alert(1)\\</script\\> \\*\\*bold\\*\\* \\[a\\](http',
    );
    const long = await ask(`${'😀'.repeat(100)}`);
    expect(long).to.include(`> ${'😀'.repeat(80)}…\n`);
  });

  it('counts the turns and answers the same to the same conversation', async () => {
    const { ask } = await start();
    expect(await ask('one')).to.include('**first**');
    expect(await ask('one', 'two', 'three')).to.include('message **3**');
    expect(await ask('one', 'two')).to.equal(await ask('one', 'two'));
    const replies = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((text) => ask(text)));
    expect(new Set(replies.map((reply) => reply.split('\n', 1)[0])).size).to.be.greaterThan(1);
  });

  it('answers what the page suggests, in both languages', async () => {
    const { ask } = await start();
    const fitting = [/sun|light/i, /shell|wave/i, /def quick_sort/];
    const chinese = [/折射/, /潮水/, /def quick_sort/];
    expect([en.suggestions.length, zh.suggestions.length]).to.deep.equal([3, 3]);
    for (const [i, text] of en.suggestions.entries())
      expect(await ask(text)).to.match(fitting[i] ?? /^$/);
    for (const [i, text] of zh.suggestions.entries())
      expect(await ask(text)).to.match(chinese[i] ?? /^$/);
  });

  it('gives a long answer, code, a table or a list when asked', async () => {
    const { ask } = await start();
    const { count } = openTokenizer();
    expect(count(await ask('Tell me a long story'))).to.be.within(500, 900);
    expect(count(await ask('请写一篇很长的文章'))).to.be.within(500, 900);
    expect(await ask('Show me some code')).to.match(/```ts\n[\s\S]+\n```/);
    expect(await ask('给我一个表格')).to.match(/\| --- \| --- \|/);
    expect(await ask('Give me a list')).to.match(/\n- .+\n- /);
    expect(await ask('Hello there')).to.match(/Hello!/);
  });

  it('is not faster than its pace', async () => {
    const { client } = await start(200);
    const started = performance.now();
    const stream = await client.chat.completions.create({
      model: 'parley-demo',
      messages: [{ role: 'user', content: 'long' }],
      stream: true,
    });
    let chunks = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) chunks++;
      if (chunks === 60) break;
    }
    expect(performance.now() - started).to.be.at.least(250);
  });

  it('lists its models and refuses nonsense the way OpenAI does', async () => {
    const { model, client } = await start();
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).to.deep.equal(model.models);
    const post = async (path: string, body: string) => {
      const response = await fetch(model.url + path, { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    for (const body of [
      '{',
      '[]',
      '{"model":"m"}',
      '{"model":"m","messages":[1]}',
      '{"messages":[]}',
    ]) {
      const refused = await post('/chat/completions', body);
      expect(refused.status).to.equal(400);
      expect(refused.body).to.have.nested.property('error.type', 'invalid_request_error');
    }
    expect((await post('/nothing', '{}')).status).to.equal(404);
  });

  it('listens on the loopback interface only, and stops in mid-answer', async () => {
    const { model, client } = await start(1);
    expect(model.url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
    const broken = (async () => {
      for await (const _ of stream);
    })().then(
      () => 'ended',
      () => 'broken',
    );
    await model.stop();
    await model.stop();
    expect(await broken).to.equal('broken');
  });
});
