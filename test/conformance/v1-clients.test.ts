import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import {
  APICallError,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { expect } from 'chai';
import {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  OpenAI,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';
import * as upstreams from '../../lab/models/scripted-upstream.js';
import { DONE, event, finishChunk, roleChunk, usageChunk } from '../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import { withKey } from '../../lab/people/keys.js';
import { limitTokens } from '../../lab/people/roles.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const MODEL = 'test-model';
const QUESTION = 'What is the weather in Delft?';
const PIECES = ['Sunny, ', '21 °C', ' 你好 ', '😀'];
const SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
  additionalProperties: false,
};
const FUNCTION = {
  name: 'weather',
  description: 'The weather of a city',
  parameters: SCHEMA as Record<string, unknown>,
};
const TOOL: ChatCompletionTool = { type: 'function', function: FUNCTION };
const FORMAT = { name: 'place', schema: SCHEMA, strict: true };
const ARGUMENTS = { city: 'Delft' };
const IMAGE = `data:image/png;base64,${'iVBORw0KGgoA'.repeat(100)}`;

/** The model calls the tool, in a stream or whole. */
const callsTool: upstreams.Behaviour = (response, request) => {
  const [head, tail] = ['{"city":', '"Delft"}'];
  const named = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: head } };
  const piece = (call: object) =>
    event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] } }] });
  const stream = roleChunk() + piece(named) + piece({ function: { arguments: tail } });
  const end = finishChunk('tool_calls') + usageChunk(USAGE) + DONE;
  const call = { ...named, function: { name: 'weather', arguments: head + tail } };
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }];
  const whole = JSON.stringify({ id: 'x', object: 'chat.completion', choices, usage: USAGE });
  const behaviour = request.body.stream
    ? upstreams.rawStream(stream + end)
    : upstreams.body(whole, { 'content-type': 'application/json' });
  return behaviour(response, request);
};
const says =
  (...pieces: string[]): upstreams.Behaviour =>
  (response, request) => {
    const behaviour = request.body.stream
      ? upstreams.answer(pieces, { usage: USAGE })
      : upstreams.wholeJson(pieces.join(''), { usage: USAGE });
    return behaviour(response, request);
  };

const failure = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => expect.fail('it succeeded'),
    (error: unknown) => error,
  );

describe('Clients that others wrote for OpenAI’s API', () => {
  let app: TestApp;
  let ada: Account;
  let apiKey: string;
  let baseURL: string;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    baseURL = `${app.url}/v1`;
    ada = await app.register('ada');
    ({ token: apiKey } = await withKey(app.url, ada, ['chat']));
  });
  after(() => app?.stop());
  beforeEach(() => {
    app.upstream.requests.length = 0;
    app.upstream.otherwise(says(...PIECES));
  });

  const sent = (place = 0) => app.upstream.requests[place]?.body ?? { model: '', messages: [] };

  describe('openai', () => {
    let client: OpenAI;
    const ask = { model: MODEL, messages: [{ role: 'user' as const, content: QUESTION }] };

    before(() => {
      client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
    });

    it('streams an answer with its usage, and gets a whole one', async () => {
      const stream = await client.chat.completions.create({
        ...{ ...ask, stream: true, stream_options: { include_usage: true } },
      });
      const pieces: string[] = [];
      let usage: unknown;
      for await (const chunk of stream) {
        const text = chunk.choices[0]?.delta.content;
        if (text) pieces.push(text);
        usage = chunk.usage ?? usage;
      }
      expect(pieces).to.deep.equal(PIECES);
      expect(usage).to.deep.equal(USAGE);
      const whole = await client.chat.completions.create(ask);
      expect(whole.choices[0]?.message.content).to.equal(PIECES.join(''));
      expect(whole.usage).to.deep.equal(USAGE);
    });

    it('runs tools to the final answer', async () => {
      app.upstream.script(callsTool, says('It is sunny.'));
      const parse = (text: string): { city: string } => JSON.parse(text);
      const runner = client.chat.completions.runTools({
        ...{ ...ask, stream: true, tool_choice: 'auto' },
        tools: [
          {
            type: 'function' as const,
            function: { ...FUNCTION, parse, function: () => 'sunny' },
          },
        ],
      });
      expect(await runner.finalContent()).to.equal('It is sunny.');
      const [, asking, result] = sent(1).messages as object[];
      const call = { name: 'weather', arguments: JSON.stringify(ARGUMENTS) };
      expect(asking).to.have.nested.property('tool_calls[0].function').that.deep.includes(call);
      expect(result).to.include({ role: 'tool', tool_call_id: 'call_1', content: 'sunny' });
      expect(sent().tool_choice).to.equal('auto');
    });

    it('parses structured output', async () => {
      app.upstream.script(says(JSON.stringify(ARGUMENTS)));
      const response_format = { type: 'json_schema' as const, json_schema: FORMAT };
      const { choices } = await client.chat.completions.parse({ ...ask, response_format });
      expect(choices[0]?.message.parsed).to.deep.equal(ARGUMENTS);
      expect(sent().response_format).to.deep.equal(response_format);
    });

    it('sends images and every other field as it is', async () => {
      const content = [
        { type: 'text' as const, text: QUESTION },
        { type: 'image_url' as const, image_url: { url: IMAGE, detail: 'low' as const } },
      ];
      const rest = {
        ...{ seed: 7, stop: ['\n\n'], logprobs: true, top_logprobs: 2, n: 1, temperature: 0.1 },
        ...{ reasoning_effort: 'low' as const, parallel_tool_calls: false, tools: [TOOL] },
      };
      await client.chat.completions.create({
        ...ask,
        ...rest,
        messages: [{ role: 'user', content }],
      });
      expect(sent().messages).to.deep.equal([{ role: 'user', content }]);
      expect(sent()).to.deep.include(rest);
    });

    it('lists models', async () => {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      expect(ids).to.deep.equal([MODEL]);
      expect(await client.models.retrieve(MODEL)).to.include({ id: MODEL, object: 'model' });
      expect(await failure(client.models.retrieve('a/b'))).to.be.instanceOf(NotFoundError);
    });

    it('throws its class for each error', async () => {
      const { token: reader } = await withKey(app.url, ada, ['read']);
      const create = (change: object, key = apiKey) =>
        client.withOptions({ apiKey: key }).chat.completions.create({ ...ask, ...change });
      const wrong = await failure(create({}, 'pk_nobody'));
      expect(wrong).to.be.instanceOf(AuthenticationError);
      expect(wrong).to.include({ status: 401, code: 'invalid_api_key' });
      expect(await failure(create({}, reader))).to.be.instanceOf(PermissionDeniedError);
      const none = await failure(create({ model: 'none' }));
      expect(none).to.be.instanceOf(NotFoundError).and.include({ code: 'model_not_found' });
      const bad = await failure(create({ messages: 'x' }));
      expect(bad).to.be.instanceOf(BadRequestError).and.include({ param: 'messages' });
      app.upstream.script(upstreams.refuse(), upstreams.refuse());
      expect(await failure(create({}))).to.be.instanceOf(InternalServerError);
    });

    it('throws for the quota, and knows how long to wait', async () => {
      const bob = await app.register('bob');
      await limitTokens(app, bob, 0);
      const error = await failure(
        client.withOptions({ apiKey: bob.token }).chat.completions.create(ask),
      );
      expect(error).to.be.instanceOf(RateLimitError).and.include({ code: 'insufficient_quota' });
      expect(Number((error as RateLimitError).headers.get('retry-after'))).to.be.greaterThan(0);
    });

    it('throws in the middle of a stream that breaks off', async () => {
      app.upstream.script(upstreams.cutInJson('half'));
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      const pieces: string[] = [];
      const read = async () => {
        for await (const { choices } of stream) pieces.push(choices[0]?.delta.content ?? '');
      };
      expect(await failure(read()))
        .to.be.instanceOf(APIError)
        .and.include({
          code: 'provider_unavailable',
        });
      expect(pieces.join('')).to.equal('half');
    });

    it('stops the model when it is aborted, in a stream and before one', async () => {
      const held = app.upstream.next();
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      await held.opened;
      stream.controller.abort();
      await held.closed;
      const other = app.upstream.next();
      const leaving = new AbortController();
      const asked = failure(client.chat.completions.create(ask, { signal: leaving.signal }));
      await other.opened;
      leaving.abort();
      expect(await asked).to.be.instanceOf(APIUserAbortError);
      await other.closed;
    });
  });

  describe('@langchain/openai', () => {
    let model: ChatOpenAI;
    const open = (key = apiKey) =>
      new ChatOpenAI({ model: MODEL, apiKey: key, configuration: { baseURL }, maxRetries: 0 });

    before(() => {
      model = open();
    });

    it('streams an answer with its usage, and gets a whole one', async () => {
      const pieces: string[] = [];
      let usage: unknown;
      for await (const chunk of await model.stream(QUESTION)) {
        if (chunk.text !== '') pieces.push(chunk.text);
        usage = chunk.usage_metadata ?? usage;
      }
      expect(pieces).to.deep.equal(PIECES);
      expect(usage).to.deep.include({ input_tokens: 7, output_tokens: 5, total_tokens: 12 });
      const whole = await model.invoke(QUESTION);
      expect(whole.text).to.equal(PIECES.join(''));
    });

    it('calls tools, in a stream and whole', async () => {
      app.upstream.otherwise(callsTool);
      const bound = model.bindTools([TOOL]);
      const call = { name: 'weather', args: ARGUMENTS, id: 'call_1' };
      const { tool_calls: calls } = await bound.invoke(QUESTION);
      expect(calls?.[0]).to.deep.include(call);
      let joined: Awaited<ReturnType<typeof bound.invoke>> | undefined;
      for await (const chunk of await bound.stream(QUESTION)) {
        joined = joined ? joined.concat(chunk) : chunk;
      }
      expect(joined?.tool_calls?.[0]).to.deep.include(call);
    });

    it('parses structured output', async () => {
      app.upstream.script(says(JSON.stringify(ARGUMENTS)));
      const structured = model.withStructuredOutput(SCHEMA, {
        method: 'jsonSchema',
        name: 'place',
      });
      expect(await structured.invoke(QUESTION)).to.deep.equal(ARGUMENTS);
    });

    it('sends images', async () => {
      const content = [{ type: 'image_url', image_url: { url: IMAGE } }];
      await model.invoke([new HumanMessage({ content })]);
      expect(sent().messages).to.deep.equal([{ role: 'user', content }]);
    });

    it('throws for errors, and stops the model when it is aborted', async () => {
      expect(await failure(open('pk_nobody').invoke(QUESTION))).to.include({ status: 401 });
      app.upstream.script(upstreams.status(400, { message: 'bad schema', param: 'tools' }));
      expect(await failure(model.invoke(QUESTION))).to.include({ status: 400, param: 'tools' });
      const held = app.upstream.next();
      const leaving = new AbortController();
      const asked = failure(model.invoke(QUESTION, { signal: leaving.signal }));
      await held.opened;
      leaving.abort();
      await asked;
      await held.closed;
    });
  });

  describe('ai, with @ai-sdk/openai-compatible', () => {
    const open = (key = apiKey) =>
      createOpenAICompatible({
        ...{ name: 'parley', baseURL, apiKey: key, includeUsage: true },
        supportsStructuredOutputs: true,
      }).chatModel(MODEL);
    const tools = {
      weather: tool({
        description: FUNCTION.description,
        inputSchema: jsonSchema<{ city: string }>(SCHEMA),
        execute: async ({ city }) => `sunny in ${city}`,
      }),
    };

    it('streams an answer with its usage, and gets a whole one', async () => {
      const result = streamText({ model: open(), prompt: QUESTION });
      const pieces: string[] = [];
      for await (const piece of result.textStream) pieces.push(piece);
      expect(pieces).to.deep.equal(PIECES);
      expect(await result.finishReason).to.equal('stop');
      expect(await result.usage).to.include({ inputTokens: 7, outputTokens: 5, totalTokens: 12 });
      const whole = await generateText({ model: open(), prompt: QUESTION });
      expect(whole.text).to.equal(PIECES.join(''));
    });

    it('runs tools to the final answer', async () => {
      app.upstream.script(callsTool, says('It is sunny.'));
      const stopWhen = stepCountIs(3);
      const result = streamText({ model: open(), prompt: QUESTION, tools, stopWhen });
      expect(await result.text).to.equal('It is sunny.');
      expect(sent(1).messages.at(-1)).to.include({
        ...{ role: 'tool', tool_call_id: 'call_1', content: 'sunny in Delft' },
      });
    });

    it('parses structured output', async () => {
      app.upstream.script(says(JSON.stringify(ARGUMENTS)));
      const schema = jsonSchema<{ city: string }>(SCHEMA);
      const { object } = await generateObject({ model: open(), prompt: QUESTION, schema });
      expect(object).to.deep.equal(ARGUMENTS);
      expect(sent().response_format).to.deep.include({ type: 'json_schema' });
    });

    it('sends images', async () => {
      await generateText({
        model: open(),
        messages: [{ role: 'user', content: [{ type: 'image', image: IMAGE }] }],
      });
      const content = [{ type: 'image_url', image_url: { url: IMAGE } }];
      expect(sent().messages).to.deep.equal([{ role: 'user', content }]);
    });

    it('throws for errors, and stops the model when it is aborted', async () => {
      const ask = { prompt: QUESTION, maxRetries: 0 };
      const error = await failure(generateText({ model: open('pk_nobody'), ...ask }));
      expect(error).to.be.instanceOf(APICallError).and.include({ statusCode: 401 });
      app.upstream.script(upstreams.cutInJson('half'));
      const errors: unknown[] = [];
      const onError = ({ error: thrown }: { error: unknown }) => void errors.push(thrown);
      const broken = streamText({ model: open(), ...ask, onError });
      await broken.consumeStream();
      expect(errors).to.have.length(1);
      const held = app.upstream.next();
      const leaving = new AbortController();
      const asked = failure(generateText({ model: open(), ...ask, abortSignal: leaving.signal }));
      await held.opened;
      leaving.abort();
      await asked;
      await held.closed;
    });
  });
});
