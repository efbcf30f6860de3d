import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { DONE, finishChunk, reasoningChunk, textChunk } from '../../../lab/models/upstream-wire.js';
import { standStill } from '../../../lab/stand-still.js';
import {
  createOpenAIProvider,
  type OpenAIProvider,
  type OpenAIProviderOptions,
} from '../../../src/adapters/openai/provider.js';
import {
  type CompletionEnd,
  type CompletionRequest,
  ProviderError,
} from '../../../src/ports/completion-provider.js';

const KEY = 'sk-test-0123456789abcdef';
/** Much longer than one piece of text takes to arrive. */
const GRACE_MS = 500;
/** A time-out that never ends a test of something else. */
const LONG_MS = 60_000;
/** Far from LONG_MS, and more than a busy machine takes. */
const SOON_MS = LONG_MS / 2;
const USAGE = {
  ...{ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
  ...{ cached_tokens: 0, reasoning_tokens: 0, estimated: false },
};
const REQUEST: CompletionRequest = {
  model: 'scripted',
  messages: [{ role: 'user', content: 'Hi' }],
  temperature: null,
  maxTokens: null,
  user: '42',
};

interface Result {
  texts: string[];
  reasoning: string[];
  end?: CompletionEnd;
  error?: unknown;
  ms: number;
}

describe('OpenAI provider', () => {
  let upstream: upstreams.Upstream;
  const providers: OpenAIProvider[] = [];

  const create = (options: Partial<OpenAIProviderOptions> = {}) => {
    const provider = createOpenAIProvider({
      apiKey: KEY,
      baseUrl: upstream.url,
      defaultModel: 'scripted',
      models: [],
      connectTimeoutMs: LONG_MS,
      firstChunkTimeoutMs: LONG_MS,
      idleTimeoutMs: LONG_MS,
      totalTimeoutMs: LONG_MS,
      maxRetries: 0,
      ...options,
    });
    providers.push(provider);
    return provider;
  };

  const ask = async (
    options: Partial<OpenAIProviderOptions> = {},
    request: Partial<CompletionRequest> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result> => {
    const texts: string[] = [];
    const started = performance.now();
    const reasoning: string[] = [];
    const push = (text: string) => texts.push(text);
    const hears = { reasoning: (text: string) => reasoning.push(text) };
    const outcome = await create(options)
      .stream({ ...REQUEST, ...request }, push, { signal, hears })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ error }));
    return { texts, reasoning, ms: performance.now() - started, ...outcome };
  };

  const expectFailure = (result: Result, code: ProviderError['code'], texts: string[] = []) => {
    expect(result.error).to.be.instanceOf(ProviderError);
    const error = result.error as ProviderError;
    expect(error.code).to.equal(code);
    expect(result.texts).to.deep.equal(texts);
    expect(error.detail).not.to.match(/scripted|sk-|http|127\.0\.0\.1|\d{3}/);
    expect(String((error.cause as Error | undefined)?.message)).not.to.include(KEY);
  };

  beforeEach(async () => {
    upstream = await upstreams.startUpstream();
  });
  afterEach(async () => {
    await Promise.all(providers.splice(0).map((provider) => provider.stop()));
    await upstream.stop();
  });

  describe('a good answer', () => {
    it('gives every piece in order, the finish reason and the usage', async () => {
      upstream.script(upstreams.answer(['Hel', 'lo', ' 世界 😀']));
      const result = await ask();
      expect(result.texts).to.deep.equal(['Hel', 'lo', ' 世界 😀']);
      expect(result.end).to.deep.equal({ finishReason: 'stop', usage: USAGE });
    });

    it('sends the key, asks for usage, and leaves out what was not set', async () => {
      await ask();
      const request = await upstream.request(1);
      expect(request.path).to.equal('/v1/chat/completions');
      expect(request.headers.authorization).to.equal(`Bearer ${KEY}`);
      expect(request.body).to.deep.equal({
        model: 'scripted',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        stream_options: { include_usage: true },
        user: '42',
      });
    });

    it('sends temperature and max_tokens when they are set, zero included', async () => {
      await ask({}, { temperature: 0, maxTokens: 100 });
      const { body } = await upstream.request(1);
      expect(body).to.include({ temperature: 0, max_tokens: 100 });
    });

    it('works without a key and lists its models, the default among them once', async () => {
      const result = await ask({ apiKey: null });
      expect(result.end?.finishReason).to.equal('stop');
      const provider = create({ defaultModel: 'b', models: ['a', 'b'] });
      expect(provider.models().map(({ id }) => id)).to.deep.equal(['a', 'b']);
      const first = create({ defaultModel: 'c', models: ['a'] }).models()[0];
      expect(first).to.include({ id: 'c', name: 'c', provider: 'openai', price: null });
    });

    it('puts characters together that were split across packets, byte by byte', async () => {
      const text = 'naïve 你好，世界 😀👩‍👩‍👧';
      upstream.script(upstreams.byteByByte(text));
      expect((await ask()).texts.join('')).to.equal(text);
    });

    it('takes a chunk of 1 MB', async () => {
      upstream.script(upstreams.bigChunk(1_048_576));
      expect((await ask()).texts.map((text) => text.length)).to.deep.equal([1_048_576]);
    });

    it('keeps comments out of the text, and reasoning apart from it', async () => {
      const bytes = [
        ': keep-alive\n\n',
        reasoningChunk('hmm'),
        textChunk('Yes'),
        finishChunk('stop'),
      ];
      upstream.script(upstreams.rawStream(bytes.join('') + DONE));
      const result = await ask();
      expect(result.reasoning).to.deep.equal(['hmm']);
      expect(result.texts).to.deep.equal(['Yes']);
      expect(result.end).to.deep.equal({ finishReason: 'stop', usage: null });
    });

    it('reads CRLF line ends, and a last event without its blank line', async () => {
      const crlf = (textChunk('a') + textChunk('b')).replaceAll('\n', '\r\n');
      upstream.script(upstreams.rawStream(crlf + finishChunk('length').trimEnd()));
      const result = await ask();
      expect(result.texts).to.deep.equal(['a', 'b']);
      expect(result.end?.finishReason).to.equal('length');
    });

    it('accepts a whole completion from a server that does not stream', async () => {
      upstream.script(upstreams.wholeJson('All at once.'));
      const result = await ask();
      expect(result.texts).to.deep.equal(['All at once.']);
      expect(result.end).to.deep.equal({ finishReason: 'stop', usage: USAGE });
    });

    it('uses a connection again after a proper end', async () => {
      const provider = create();
      const { signal } = new AbortController();
      const held = upstream.next();
      held.raw(finishChunk('stop') + DONE);
      await provider.stream(REQUEST, () => {}, { signal });
      held.end();
      await held.closed;
      // A round trip later, the end has arrived.
      await ask();
      await provider.stream(REQUEST, () => {}, { signal });
      const [first, , second] = upstream.requests;
      expect(second?.remotePort).to.equal(first?.remotePort);
    });
  });

  describe('an end that is not quite proper', () => {
    it('ends at once at [DONE], though the connection stays open', async () => {
      upstream.script(upstreams.doneOnOpenConnection('Hi', { usage: null }));
      const result = await ask({ finishGraceMs: LONG_MS });
      expect(result.end).to.deep.equal({ finishReason: 'stop', usage: null });
      expect(result.ms).to.be.below(SOON_MS);
      await (await upstream.request(1)).closed;
    });

    it('waits for [DONE] only so long once there is a finish reason', async () => {
      upstream.script(upstreams.finishOnOpenConnection('Hi'));
      const result = await ask({ finishGraceMs: 50 });
      expect(result.end).to.deep.equal({ finishReason: 'stop', usage: null });
      expect(result.ms).to.be.within(45, SOON_MS);
    });

    it('resolves with the finish reason when the connection breaks after it', async () => {
      const held = upstream.next();
      const result = ask();
      held.raw(textChunk('Hi') + finishChunk('stop'));
      await held.opened;
      held.cut();
      expect((await result).end?.finishReason).to.equal('stop');
    });

    it('has no finish reason when the stream just ends', async () => {
      upstream.script(upstreams.endWithoutFinish('Hi'));
      const result = await ask();
      expect(result.texts).to.deep.equal(['Hi']);
      expect(result.end).to.deep.equal({ finishReason: null, usage: null });
    });

    it('has ended by itself at [DONE] without a finish reason, when there is text', async () => {
      upstream.script(upstreams.doneWithoutFinish('Hi'), upstreams.doneWithoutFinish([]));
      expect((await ask()).end).to.deep.equal({ finishReason: 'stop', usage: null });
      expect((await ask()).end).to.deep.equal({ finishReason: null, usage: null });
    });

    it('waits longer for what follows a finish reason while text still comes', async () => {
      const held = upstream.next();
      const texts: string[] = [];
      let heard: () => void = () => {};
      const push = (text: string) => {
        texts.push(text);
        heard();
      };
      const { signal } = new AbortController();
      const end = create({ finishGraceMs: GRACE_MS }).stream(REQUEST, push, { signal });
      held.raw(finishChunk('stop'));
      const finished = performance.now();
      let written = 0;
      for (; performance.now() - finished < 1.5 * GRACE_MS; written++) {
        const next = new Promise<void>((resolve) => {
          heard = resolve;
        });
        held.write('more');
        await Promise.race([next, end]);
        await new Promise(setImmediate);
      }
      held.raw(DONE);
      await end;
      expect(texts).to.have.length(written);
    });
  });

  describe('a failing server', () => {
    const refusals: [number, ProviderError['code']][] = [
      [400, 'provider_error'],
      [401, 'provider_error'],
      [403, 'provider_error'],
      [404, 'provider_error'],
      [422, 'provider_error'],
      [302, 'provider_error'],
      [408, 'provider_unavailable'],
      [409, 'provider_unavailable'],
      [429, 'provider_unavailable'],
      [500, 'provider_unavailable'],
      [503, 'provider_unavailable'],
    ];
    for (const [status, code] of refusals) {
      it(`is ${code} with status ${status}, without a word of what it said`, async () => {
        upstream.script(upstreams.status(status, { message: `scripted: key ${KEY} at 10.0.0.1` }));
        expectFailure(await ask(), code);
      });
    }

    it('keeps the cause for the log, without the key', async () => {
      upstream.script(upstreams.status(401, { message: `Incorrect API key provided: ${KEY}` }));
      const { error } = await ask();
      const { cause } = error as ProviderError;
      expect(cause)
        .to.have.property('message')
        .that.matches(/Incorrect API key provided: \[key\]/);
    });

    it('is told apart when the conversation is too long', async () => {
      const message = "This model's maximum context length is 4096 tokens";
      upstream.script(upstreams.status(400, { message }));
      expect((await ask()).error)
        .to.have.property('detail')
        .that.includes('too long');
    });

    it('is provider_unavailable when nobody listens', async () => {
      expectFailure(await ask({ baseUrl: 'http://127.0.0.1:1/v1' }), 'provider_unavailable');
    });

    it('is provider_error when it reports an error in the stream, text kept', async () => {
      upstream.script(upstreams.dataError(['par', 'tial']));
      expectFailure(await ask(), 'provider_error', ['par', 'tial']);
    });

    it('is provider_error when it ends in the middle of JSON', async () => {
      upstream.script(upstreams.endInJson('partial'));
      expectFailure(await ask(), 'provider_error', ['partial']);
    });

    it('is provider_unavailable when the connection closes in the middle of JSON', async () => {
      upstream.script(upstreams.cutInJson('partial'));
      expectFailure(await ask(), 'provider_unavailable', ['partial']);
    });

    it('is provider_error when it answers HTML, or JSON that is no completion', async () => {
      upstream.script(upstreams.html(), upstreams.status(200, { body: '{"hello":1}' }));
      expectFailure(await ask(), 'provider_error');
      expectFailure(await ask(), 'provider_error');
    });

    it('is cut off when it sends a line without end', async () => {
      const endless = Buffer.alloc(9 * 1024 * 1024, 'x');
      upstream.script(upstreams.rawStream(endless, { open: true }));
      expectFailure(await ask(), 'provider_error');
      await (await upstream.request(1)).closed;
    });

    it('does not spoil the next call', async () => {
      const provider = create();
      const { signal } = new AbortController();
      upstream.script(upstreams.cutInJson('x'), upstreams.answer('fine'));
      await provider.stream(REQUEST, () => {}, { signal }).catch(() => {});
      const end = await provider.stream(REQUEST, () => {}, { signal });
      expect(end.finishReason).to.equal('stop');
    });
  });

  describe('time limits', () => {
    it('gives up when no header comes, closes the socket and does not ask again', async () => {
      upstream.script(upstreams.hangBeforeHeaders());
      const result = await ask({ firstChunkTimeoutMs: 300, maxRetries: 2 });
      expectFailure(result, 'provider_unavailable');
      expect(result.ms).to.be.within(295, SOON_MS);
      await (await upstream.request(1)).closed;
      expect(upstream.requests).to.have.length(1);
    });

    it('gives up when headers come but no first byte', async () => {
      upstream.script(upstreams.rawStream('', { open: true }));
      expectFailure(await ask({ firstChunkTimeoutMs: 80 }), 'provider_unavailable');
    });

    it('gives up when the stream falls silent, text kept', async () => {
      upstream.script(upstreams.hangAfter('partial'));
      const result = await ask({ idleTimeoutMs: 300 });
      expectFailure(result, 'provider_unavailable', ['partial']);
      expect(result.error).to.have.property('detail').that.includes('silent');
      await (await upstream.request(1)).closed;
    });

    it('is not blamed for the time in which this process stood still, while its text waited', async () => {
      for (const [before, limits] of [
        [textChunk('one'), { idleTimeoutMs: 300 }],
        ['', { firstChunkTimeoutMs: 300 }],
        [textChunk('one') + finishChunk('stop'), { finishGraceMs: 300 }],
      ] as const) {
        const held = upstream.next();
        const heard: string[] = [];
        const provider = create(limits);
        const reading = provider.stream(REQUEST, (text) => heard.push(text), {
          signal: new AbortController().signal,
        });
        await held.opened;
        if (before !== '') held.raw(before);
        await eventually(
          () => heard.length,
          (length) => length === (before === '' ? 0 : 1),
        );
        held.write(' two');
        standStill(500);
        await eventually(
          () => heard.at(-1),
          (text) => text === ' two',
        );
        held.raw(finishChunk('stop') + DONE);
        await reading;
      }
    });

    it('takes comments and reasoning for life, up to the total limit', async () => {
      upstream.script((response, request) => {
        upstreams.rawStream(textChunk('Hi'), { open: true })(response, request);
        const timer = setInterval(() => response.write(': alive\n\n'), 20);
        response.once('close', () => clearInterval(timer));
      });
      const result = await ask({ idleTimeoutMs: 600, totalTimeoutMs: 800 });
      expectFailure(result, 'provider_unavailable', ['Hi']);
      expect((result.error as ProviderError).detail).to.include('longer than');
      expect(result.ms).to.be.at.least(790);
    });
  });

  describe('a refusal before the answer', () => {
    it('is tried again after Retry-After', async () => {
      upstream.script(upstreams.rateLimited(0.6), upstreams.answer('at last'));
      const result = await ask({ maxRetries: 2, firstChunkTimeoutMs: 500 });
      expect(result.texts).to.deep.equal(['at last']);
      expect(result.ms).to.be.at.least(595);
    });

    it('is tried again as often as configured', async () => {
      const now = { headers: { 'retry-after-ms': '1' } };
      upstream.script(
        upstreams.status(500, now),
        upstreams.status(503, now),
        upstreams.status(429, now),
      );
      expectFailure(await ask({ maxRetries: 2 }), 'provider_unavailable');
      expect(upstream.requests).to.have.length(3);
    });

    it('is tried again when the connection closed before any header', async () => {
      upstream.script(upstreams.refuse(), upstreams.answer('at last'));
      expect((await ask({ maxRetries: 1 })).texts).to.deep.equal(['at last']);
    });

    it('is final when it cannot help, or when the server asks for too long a wait', async () => {
      upstream.script(upstreams.status(401), upstreams.rateLimited(3_600));
      expectFailure(await ask({ maxRetries: 2 }), 'provider_error');
      const result = await ask({ maxRetries: 2 });
      expectFailure(result, 'provider_unavailable');
      expect(upstream.requests).to.have.length(2);
    });

    it('is never tried again once text has come', async () => {
      upstream.script(upstreams.cutInJson('partial'), upstreams.answer('again'));
      expectFailure(await ask({ maxRetries: 2 }), 'provider_unavailable', ['partial']);
      expect(upstream.requests).to.have.length(1);
    });

    it('makes it leave out the parameter that the server names', async () => {
      const body = '{"object":"error","message":"Extra inputs: stream_options","code":400}';
      upstream.script(upstreams.status(400, { body }), upstreams.answer('fine'));
      expect((await ask()).texts).to.deep.equal(['fine']);
      expect((await upstream.request(2)).body).not.to.have.property('stream_options');
    });

    it('makes it say max_completion_tokens to models that want it', async () => {
      const message = "'max_tokens' is not supported here. Use 'max_completion_tokens' instead.";
      upstream.script(upstreams.status(400, { message, param: 'max_tokens' }));
      await ask({}, { maxTokens: 50 });
      const { body } = await upstream.request(2);
      expect(body).to.include({ max_completion_tokens: 50 }).and.not.have.property('max_tokens');
    });
  });

  describe('a refusal that concerns a model', () => {
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Hi' },
    ];
    const FOLDED = [{ role: 'user', content: 'Be brief.\n\nHi' }];
    const noSystem = upstreams.status(500, {
      message: 'Jinja Exception: System role not supported',
    });
    const sent = () => upstream.requests.map(({ body }) => body);

    const ask = (provider: OpenAIProvider, request: Partial<CompletionRequest> = {}) => {
      const { signal } = new AbortController();
      return provider.stream({ ...REQUEST, messages, ...request }, () => {}, { signal });
    };

    it('has the system text begin the first question, at once and from then on', async () => {
      upstream.script(noSystem);
      const provider = create();
      expect((await ask(provider)).finishReason).to.equal('stop');
      await ask(provider);
      expect(sent().map((body) => body.messages)).to.deep.equal([messages, FOLDED, FOLDED]);
    });

    it('is no other model’s', async () => {
      upstream.script(noSystem);
      const provider = create();
      await ask(provider);
      await ask(provider, { model: 'another' });
      expect(sent().at(-1)?.messages).to.deep.equal(messages);
    });

    it('is not remembered when to give in did not help', async () => {
      upstream.script(noSystem, noSystem);
      const provider = create();
      await ask(provider).catch(() => {});
      await ask(provider);
      expect(sent().map((body) => body.messages)).to.deep.equal([messages, FOLDED, messages]);
    });

    it('may come inside a 200, before any text', async () => {
      upstream.script(upstreams.dataError([], 'Error rendering prompt with jinja template'));
      const provider = create();
      expect((await ask(provider)).finishReason).to.equal('stop');
      await ask(provider);
      expect(sent().map((body) => body.messages)).to.deep.equal([messages, FOLDED, FOLDED]);
      upstream.script(upstreams.dataError(['text'], 'System role not supported'));
      const error = await ask(provider, { model: 'another' }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ProviderError);
      expect(upstream.requests).to.have.length(4);
    });

    it('spares later answers a parameter, but not for the sake of one value', async () => {
      const param = 'temperature';
      const message = "Unsupported value: 'temperature' does not support 0.3 with this model.";
      const tooLarge = { message: 'max_tokens is too large: 20000', param: 'max_tokens' };
      upstream.script(upstreams.status(400, { message, param }), upstreams.status(400, tooLarge));
      const provider = create();
      await ask(provider, { temperature: 0.3, maxTokens: 20_000 });
      await ask(provider, { temperature: 0.3, maxTokens: 100 });
      expect(sent().map((body) => 'temperature' in body)).to.deep.equal([
        true,
        false,
        false,
        false,
      ]);
      expect(sent().map((body) => body.max_tokens)).to.deep.equal([20_000, 20_000, undefined, 100]);
    });
  });

  describe('abort', () => {
    const reason = new Error('stopped by the user');

    it('rejects with the reason at once in mid-stream, and nothing comes after it', async () => {
      const held = upstream.next();
      const controller = new AbortController();
      const texts: string[] = [];
      const provider = create();
      const two = new Promise<void>((resolve) => {
        held.write('one', 'two', 'three');
        const onText = (text: string) => {
          texts.push(text);
          if (text === 'two') {
            controller.abort(reason);
            resolve();
          }
        };
        provider.stream(REQUEST, onText, controller).catch((error) => texts.push(error));
      });
      await two;
      await held.closed;
      expect(texts).to.deep.equal(['one', 'two', reason]);
    });

    it('rejects before headers and closes the socket', async () => {
      upstream.script(upstreams.hangBeforeHeaders());
      const controller = new AbortController();
      const result = ask({}, {}, controller.signal);
      const request = await upstream.request(1);
      controller.abort(reason);
      expect((await result).error).to.equal(reason);
      await request.closed;
    });

    it('rejects while it waits for another try', async () => {
      upstream.script(upstreams.rateLimited(30));
      const controller = new AbortController();
      const result = ask({ maxRetries: 1 }, {}, controller.signal);
      await (await upstream.request(1)).closed;
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      expect((await result).error).to.equal(reason);
      // Retry-After allows it only after 30 s.
      expect((await result).ms).to.be.below(20_000);
    });

    it('rejects before it begins when the signal is aborted already', async () => {
      expect((await ask({}, {}, AbortSignal.abort(reason))).error).to.equal(reason);
      expect(upstream.requests).to.have.length(0);
    });

    it('passes on what the reader of the text throws, and closes the socket', async () => {
      const held = upstream.next();
      held.write('one');
      const broken = new Error('broken reader');
      const failing = create().stream(
        REQUEST,
        () => {
          throw broken;
        },
        { signal: new AbortController().signal },
      );
      expect(await failing.catch((error: unknown) => error)).to.equal(broken);
      await held.closed;
    });
  });

  it('gives up a connection that is not accepted, and hears an abort meanwhile', async () => {
    const silent = await listenWithoutAnswering();
    const { port } = silent.address() as AddressInfo;
    // TLS to a server that never completes the handshake, so the connection is not established.
    const baseUrl = `https://127.0.0.1:${port}/v1`;
    try {
      const result = await ask({ baseUrl, connectTimeoutMs: 100 });
      expectFailure(result, 'provider_unavailable');
      expect(result.ms).to.be.below(SOON_MS);
      const controller = new AbortController();
      const connected = once(silent, 'connection');
      const aborted = ask({ baseUrl }, {}, controller.signal);
      await connected;
      controller.abort();
      expect((await aborted).error).to.equal(controller.signal.reason);
    } finally {
      silent.close();
    }
  });
});

async function listenWithoutAnswering(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
