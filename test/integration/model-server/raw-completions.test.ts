import { expect } from 'chai';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import {
  DONE,
  event,
  finishChunk,
  roleChunk,
  textChunk,
  usageChunk,
} from '../../../lab/models/upstream-wire.js';
import { createMemoryPace } from '../../../src/adapters/memory/model-pace.js';
import {
  createOpenAIProvider,
  type OpenAIProvider,
  type OpenAIProviderOptions,
} from '../../../src/adapters/openai/provider.js';
import { PacedProvider } from '../../../src/domain/answers/model/paced-provider.js';
import { ProviderError } from '../../../src/ports/completion-provider.js';
import { type RawEnd, RawRefusal } from '../../../src/ports/raw-completions.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const KEY = 'sk-test-0123456789abcdef';
const LONG_MS = 60_000;
const COUNTED = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const USAGE = { ...COUNTED, cached_tokens: 0, reasoning_tokens: 0, estimated: false };
const MESSAGES = [{ role: 'user', content: 'Hi' }];
const logger = { debug() {}, info() {}, warn() {}, error() {} };
/** A word is a token. */
const tokenizer = { count: (text: string) => text.split(/\s+/).filter(Boolean).length };

/** The JSON of events, as it stands on the wire. */
const jsonOf = (wire: string): string[] =>
  wire
    .split('\n\n')
    .filter((each) => each.startsWith('data: {'))
    .map((each) => each.slice('data: '.length));

interface Result {
  chunks: string[];
  end?: RawEnd;
  error?: unknown;
}

const CALL = { signal: new AbortController().signal };

describe('Raw completions of a model server', () => {
  let upstream: upstreams.Upstream;
  const providers: OpenAIProvider[] = [];

  const create = (options: Partial<OpenAIProviderOptions> = {}) => {
    const provider = createOpenAIProvider({
      ...{ apiKey: KEY, baseUrl: upstream.url, defaultModel: 'scripted', models: [] },
      ...{ connectTimeoutMs: LONG_MS, firstChunkTimeoutMs: LONG_MS, idleTimeoutMs: LONG_MS },
      ...{ totalTimeoutMs: LONG_MS, maxRetries: 0, finishGraceMs: 500 },
      ...options,
    });
    providers.push(provider);
    return provider;
  };

  const ask = async (
    body: Record<string, unknown> = {},
    { provider = create(), signal = new AbortController().signal } = {},
  ): Promise<Result> => {
    const stream = body.stream !== false;
    const request = {
      ...{ model: 'scripted', stream, user: '42' },
      body: { model: 'scripted', messages: MESSAGES, stream, ...body },
    };
    const chunks: string[] = [];
    const outcome = await provider
      .complete(request, (json) => chunks.push(json), { signal })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ error }));
    return { chunks, ...outcome };
  };

  beforeEach(async () => {
    upstream = await upstreams.startUpstream();
  });
  afterEach(async () => {
    await Promise.all(providers.splice(0).map((provider) => provider.stop()));
    await upstream.stop();
  });

  it('passes every event on as the server sent it, and counts what it says', async () => {
    const odd = '{ "x":1.0, "choices":[{"delta":{"tool_calls":[{"index":0}]} , "new\\u0061":[]}] }';
    const text = textChunk('say "usage": {} and "error": "no" 你好 \ud83d\ude00');
    const spread = `data: {"choices":\ndata: [{"delta":{"content":"two lines"}}]}\n\n`;
    const wire = roleChunk() + event(odd) + text + spread + finishChunk('tool_calls');
    upstream.script(upstreams.rawStream(`: comment\n\n${wire}${usageChunk(COUNTED)}${DONE}`));
    const { chunks, end } = await ask();
    const [role, ...rest] = jsonOf(roleChunk() + event(odd) + text + finishChunk('tool_calls'));
    const joined = '{"choices":\n[{"delta":{"content":"two lines"}}]}';
    expect(chunks).to.deep.equal([role, ...rest.slice(0, 2), joined, rest[2]]);
    expect(end).to.deep.equal({ usage: USAGE, finishReason: 'tool_calls' });
  });

  const OURS = {
    ...{ id: 'ours', upstreamId: 'theirs', name: 'Ours', aliases: [], fallback: [], price: null },
    ...{ context_window: null, max_output: null, vision: false, reasoning: false },
  };

  it('tells what an answer says and reasons, also where the model leaves it between tags', async () => {
    const wire = ['<think>hm', 'm</think>\n\nHel', 'lo'].map(textChunk).join('');
    for (const [thinkTags, text, reasoning] of [
      [true, 'Hello', 'hmm'],
      [false, '<think>hmm</think>\n\nHello', ''],
    ] as const) {
      const heard = { text: '', reasoning: '' };
      const said = {
        text: (piece: string) => {
          heard.text += piece;
        },
        reasoning: (piece: string) => {
          heard.reasoning += piece;
        },
      };
      upstream.script(upstreams.rawStream(wire + finishChunk('stop') + DONE));
      const body = { model: 'ours', messages: MESSAGES };
      const request = { model: 'ours', stream: true, user: '42', body, said };
      const provider = create({ models: [{ ...OURS, thinkTags }] });
      await provider.complete(request, () => {}, CALL);
      expect(heard).to.deep.equal({ text, reasoning });
    }
  });

  it('sends the body on as it is, with the server’s name of the model, and asks for the usage', async () => {
    const model = { ...OURS, thinkTags: false };
    const provider = createOpenAIProvider({
      ...{ apiKey: KEY, baseUrl: upstream.url, models: [model], maxRetries: 0 },
      ...{ connectTimeoutMs: LONG_MS, firstChunkTimeoutMs: LONG_MS, idleTimeoutMs: LONG_MS },
      totalTimeoutMs: LONG_MS,
    });
    providers.push(provider);
    const body = {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }],
      ...{ model: 'ours', stream: true, tools: [{ type: 'function' }], seed: 7, logprobs: true },
      ...{
        tool_choice: 'auto',
        response_format: { type: 'json_object' },
        vendor: { deep: [null] },
      },
      stream_options: { include_obfuscation: false },
    };
    const request = { model: 'ours', body, stream: true, user: '42' };
    await provider.complete(request, () => {}, CALL);
    const { stream_options: options, ...rest } = body;
    expect(upstream.requests[0]?.body).to.deep.equal({
      ...{ ...rest, model: 'theirs', user: '42' },
      stream_options: { ...options, include_usage: true },
    });
  });

  it('leaves the user and the usage to a client that names them', async () => {
    const { chunks } = await ask({ user: 'theirs', stream_options: { include_usage: true } });
    expect(upstream.requests[0]?.body).to.include({ user: 'theirs' });
    expect(chunks.at(-1)).to.equal(jsonOf(usageChunk(COUNTED))[0]);
  });

  it('leaves out what only it has added when the server refuses that, and remembers it', async () => {
    const message = "Unknown parameter: 'stream_options'.";
    upstream.script(upstreams.status(400, { message, param: 'stream_options' }));
    const provider = create();
    const first = await ask({}, { provider });
    await ask({}, { provider });
    expect(first.end?.finishReason).to.equal('stop');
    const seen = upstream.requests.map(({ body }) => 'stream_options' in body);
    expect(seen).to.deep.equal([true, false, false]);

    upstream.script(upstreams.status(400, { message, param: 'stream_options' }));
    const own = await ask({ stream_options: { include_usage: true } });
    expect(own.error).to.be.instanceOf(RawRefusal);
  });

  it('gives a whole answer as it came, however its JSON is laid out', async () => {
    const whole = {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
      usage: COUNTED,
    };
    for (const text of [
      JSON.stringify(whole),
      `${JSON.stringify(whole)}\n`,
      JSON.stringify(whole, null, 2),
    ]) {
      upstream.script(upstreams.body(text, { 'content-type': 'application/json' }));
      const { chunks, end } = await ask({ stream: false });
      expect(chunks.map((chunk) => chunk.trim())).to.deep.equal([text.trim()]);
      expect(end).to.deep.equal({ usage: USAGE, finishReason: 'stop' });
    }
    expect(upstream.requests[0]?.body).to.not.have.property('stream_options');
  });

  it('joins a stream to a whole answer when the server only streams', async () => {
    const call = (index: number, rest: object) => ({ tool_calls: [{ index, ...rest }] });
    const piece = (delta: object) =>
      event({ id: 'x', choices: [{ index: 0, delta, finish_reason: null }] });
    const wire =
      piece({ role: 'assistant', content: 'a' }) +
      piece({ content: 'b' }) +
      piece(call(0, { id: 'one', type: 'function', function: { name: 'f', arguments: '{' } })) +
      piece(call(0, { function: { arguments: '}' } })) +
      piece(call(0, { id: 'two', type: 'function', function: { name: 'g', arguments: '' } })) +
      finishChunk('tool_calls') +
      usageChunk(COUNTED) +
      DONE;
    upstream.script(upstreams.rawStream(wire));
    const { chunks, end } = await ask({ stream: false });
    expect(chunks).to.have.length(1);
    const { choices, usage, object } = JSON.parse(chunks[0] ?? '');
    expect({ object, usage }).to.deep.equal({ object: 'chat.completion', usage: COUNTED });
    const tool_calls = [
      { id: 'one', type: 'function', function: { name: 'f', arguments: '{}' } },
      { id: 'two', type: 'function', function: { name: 'g', arguments: '' } },
    ];
    const message = { role: 'assistant', content: 'ab', tool_calls };
    expect(choices).to.deep.equal([{ index: 0, finish_reason: 'tool_calls', message }]);
    expect(end).to.deep.equal({ usage: USAGE, finishReason: 'tool_calls' });
  });

  it('gives a whole answer as one event when the server does not stream', async () => {
    upstream.script(upstreams.wholeJson('all at once'));
    const { chunks, end } = await ask();
    expect(chunks.map((chunk) => JSON.parse(chunk))).to.deep.equal([
      {
        object: 'chat.completion.chunk',
        choices: [
          { index: 0, delta: { role: 'assistant', content: 'all at once' }, finish_reason: 'stop' },
        ],
        usage: COUNTED,
      },
    ]);
    expect(end).to.deep.equal({ usage: USAGE, finishReason: 'stop' });
  });

  it('waits for all answers that were asked for', async () => {
    const ended = (index: number) =>
      event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
    upstream.script(upstreams.rawStream(ended(0)), upstreams.rawStream(ended(0) + ended(1)));
    expect((await ask({ n: 2 })).end?.finishReason).to.equal(null);
    expect((await ask({ n: 2 })).end?.finishReason).to.equal('stop');
  });

  it('tells an end from an answer that broke off', async () => {
    upstream.script(upstreams.endWithoutFinish('half'), upstreams.doneWithoutFinish('whole'));
    expect((await ask()).end).to.deep.equal({ usage: null, finishReason: null });
    expect((await ask()).end?.finishReason).to.equal('stop');
    upstream.script(upstreams.cutInJson('half'));
    const { chunks, error } = await ask();
    expect(chunks).to.have.length(2);
    expect(error).to.be.instanceOf(ProviderError).and.include({ fault: 'lost' });
  });

  it('gives the server’s own words for a refusal, without keys and addresses', async () => {
    const { host } = new URL(upstream.url);
    const message = `Invalid schema for ${KEY} at ${host}`;
    upstream.script(upstreams.status(422, { message, param: 'tools[0]' }));
    const { error } = await ask();
    expect(error).to.be.instanceOf(RawRefusal);
    expect((error as RawRefusal).status).to.equal(422);
    expect((error as RawRefusal).error).to.deep.equal({
      ...{ message: 'Invalid schema for [key] at [server]', type: 'scripted' },
      ...{ param: 'tools[0]', code: null },
    });
  });

  it('keeps to itself what a server says of this service, and its own failures', async () => {
    for (const status of [401, 402, 403, 404, 429, 500]) {
      upstream.script(upstreams.status(status, { message: 'your account' }));
      const { error } = await ask();
      expect(error, String(status)).to.be.instanceOf(ProviderError);
      expect(error, String(status)).to.not.be.instanceOf(RawRefusal);
    }
  });

  it('fails with an error that comes in the middle of a stream', async () => {
    upstream.script(upstreams.dataError('half', 'overloaded'));
    const { chunks, error } = await ask();
    expect(chunks).to.have.length(2);
    expect((error as RawRefusal).error).to.deep.equal({
      ...{ message: 'overloaded', type: 'server_error', param: null, code: '500' },
    });
  });

  const choice = (rest: object) => event({ choices: [{ index: 0, ...rest }] });
  const parts = [{ type: 'text', text: 'Hello' }];
  const WORLD = { type: 'text', text: ' world' };
  for (const [what, wire, content] of [
    ['parts, then a string', choice({ delta: { content: parts } }), [...parts, WORLD]],
    [
      'a string, then parts',
      textChunk('Hello') + choice({ delta: { content: [WORLD] } }),
      [...parts, WORLD, WORLD],
    ],
    ['one part', choice({ delta: { content: { text: 'Hello' } } }), [{ text: 'Hello' }, WORLD]],
    ['messages', choice({ message: { content: 'Hello' } }), 'Hello world'],
    ['an event before the text', event({ choices: [] }) + textChunk('Hello'), 'Hello world'],
  ] as const) {
    it(`joins the events of a server that only streams, and no text is missing: ${what}`, async () => {
      upstream.script(upstreams.rawStream(wire + textChunk(' world') + finishChunk('stop') + DONE));
      const { chunks, error } = await ask({ stream: false });
      expect(error).to.equal(undefined);
      expect(chunks).to.have.length(1);
      expect(JSON.parse(chunks[0] ?? '').choices[0].message.content).to.deep.equal(content);
    });
  }

  for (const [what, wire] of [
    ['text of a shape that nobody knows', choice({ messages: [{ delta: { content: 'x' } }] })],
    ['text beside the deltas', choice({ text: 'x' })],
    ['more text in the last message', choice({ message: { content: 'Hello world, and more' } })],
  ] as const) {
    it(`makes no whole answer of events that do not join: ${what}`, async () => {
      const rest = textChunk('Hello') + textChunk(' world') + wire + finishChunk('stop') + DONE;
      upstream.script(upstreams.rawStream(rest));
      const { chunks, error } = await ask({ stream: false });
      expect(chunks).to.deep.equal([]);
      expect(error).to.be.instanceOf(ProviderError);
      expect(String((error as Error).cause)).to.not.include('Hello');
    });
  }

  const escaped = (letter: string) => `\\u00${letter.charCodeAt(0).toString(16).toUpperCase()}`;
  for (const [how, written] of [
    ['blanks around colons', (json: string) => json.replaceAll('":', '" \t:\t ')],
    ['colons on lines of their own', (json: string) => json.replaceAll('":', '"\ndata: :\ndata: ')],
    [
      'names with escapes',
      (json: string) =>
        json.replace(/[a-z_](?=":)/g, escaped).replace('"error"', `"${escaped('e')}rror"`),
    ],
  ] as const) {
    it(`understands any JSON: ${how}`, async () => {
      const end = written(finishChunk('length') + usageChunk(COUNTED));
      upstream.script(upstreams.rawStream(textChunk('a') + end + DONE));
      const { chunks, end: told } = await ask();
      expect(told).to.deep.equal({ usage: USAGE, finishReason: 'length' });
      expect(chunks).to.have.length(2);

      for (const failed of [{ error: { message: 'no' } }, { object: 'error', message: 'no' }]) {
        upstream.script(upstreams.rawStream(textChunk('a') + written(event(failed)) + DONE));
        const { error } = await ask();
        expect(error).to.be.instanceOf(RawRefusal);
        expect((error as RawRefusal).error.message).to.equal('no');
      }
    });
  }

  it('closes the connection on an abort, and passes nothing on after it', async () => {
    const held = upstream.next();
    const end = new AbortController();
    const asked = ask({}, { signal: end.signal });
    await held.opened;
    end.abort(new Error('enough'));
    const { error } = await asked;
    expect(error).to.be.instanceOf(Error).and.include({ message: 'enough' });
    await held.closed;
  });

  it('reports to the line of its server what an answer used', async () => {
    const pace = createMemoryPace();
    const limits = { requestsPerMinute: 0, tokensPerMinute: 6_000 };
    const deps = { provider: create(), pace, tokenizer, logger, telemetry: noTelemetry };
    const paced = new PacedProvider(deps, limits);
    upstream.otherwise(upstreams.answer('one two', { usage: null }));
    const body = { messages: MESSAGES, max_tokens: 1_800 };
    const request = { model: 'scripted', body, stream: true, user: '1' };
    await paced.complete(request, () => {}, { ...CALL, patient: true });
    // What was reserved is given back, except for a few words.
    expect(await paced.waitMs()).to.equal(0);
  });
});
