import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { createMemoryPace } from '../../../src/adapters/memory/model-pace.js';
import {
  createOpenAIProvider,
  type OpenAIProvider,
  type OpenAIProviderOptions,
} from '../../../src/adapters/openai/provider.js';
import { ModelPaused } from '../../../src/domain/answers/model/model-slot.js';
import { PacedProvider } from '../../../src/domain/answers/model/paced-provider.js';
import { type CompletionRequest, ProviderError } from '../../../src/ports/completion-provider.js';
import type { ModelPace, PaceLimits } from '../../../src/ports/model-pace.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const REQUEST: CompletionRequest = {
  model: 'scripted',
  messages: [{ role: 'user', content: 'one two three' }],
  temperature: null,
  maxTokens: null,
  user: '42',
};
const NONE: PaceLimits = { requestsPerMinute: 0, tokensPerMinute: 0 };
/** 600 at once, then one per this many ms. */
const TOKENS: PaceLimits = { requestsPerMinute: 0, tokensPerMinute: 6_000 };
const EVERY_TOKEN_MS = 61_000 / 5_401;

/** A word is a token. */
const tokenizer = { count: (text: string) => text.split(/\s+/).filter(Boolean).length };
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const never = new AbortController().signal;

describe('The paced provider', () => {
  let upstream: upstreams.Upstream;
  let pace: ModelPace;
  const providers: OpenAIProvider[] = [];

  const create = (limits = NONE, options: Partial<OpenAIProviderOptions> = {}) => {
    const provider = createOpenAIProvider({
      apiKey: 'sk-test-0123456789abcdef',
      baseUrl: upstream.url,
      defaultModel: 'scripted',
      models: [],
      connectTimeoutMs: 60_000,
      firstChunkTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      totalTimeoutMs: 60_000,
      maxRetries: 1,
      ...options,
    });
    providers.push(provider);
    return new PacedProvider({ provider, pace, tokenizer, logger, telemetry: noTelemetry }, limits);
  };

  const ask = (
    provider: PacedProvider,
    request: Partial<CompletionRequest> = {},
    signal = never,
    onText: (text: string) => void = () => {},
  ) =>
    provider.stream({ ...REQUEST, ...request }, onText, { signal, patient: true }).then(
      ({ finishReason }) => finishReason,
      (error: unknown) => error,
    );

  beforeEach(async () => {
    upstream = await upstreams.startUpstream();
    pace = createMemoryPace();
  });
  afterEach(async () => {
    await Promise.all(providers.splice(0).map((provider) => provider.stop()));
    await upstream.stop();
  });

  it('waits for its slot, which no time limit counts', async () => {
    await pace.pause(null, 1_000);
    const started = performance.now();
    const quick = { firstChunkTimeoutMs: 800, totalTimeoutMs: 900 };
    expect(await ask(create(NONE, quick))).to.equal('stop');
    expect(performance.now() - started).to.be.at.least(995);
  });

  it('still keeps its time limits when the wait is over', async () => {
    await pace.pause(null, 300);
    upstream.otherwise(upstreams.hangBeforeHeaders());
    const provider = create(NONE, { totalTimeoutMs: 400 });
    const error = await ask(provider);
    expect((error as ProviderError).detail).to.include('longer than');
  });

  it('holds every other request for that model back when the server says Retry-After, and its own next try', async () => {
    upstream.script(upstreams.rateLimited(1));
    const provider = create();
    const refused = ask(provider);
    await upstream.request(1);
    await eventually(
      () => provider.pauses(),
      (pauses) => pauses.has('scripted'),
    );
    const later = ask(provider);
    expect(upstream.requests).to.have.length(1);
    expect(await refused).to.equal('stop');
    expect(await later).to.equal('stop');
    const [first, ...others] = upstream.requests.map(({ at }) => at);
    expect(others).to.have.length(2);
    for (const at of others) expect(at - (first ?? 0)).to.be.at.least(995);
  });

  it('holds the others back also when it does not try again itself', async () => {
    upstream.script(upstreams.rateLimited(3_600));
    const provider = create();
    expect(await ask(provider)).to.be.instanceOf(ProviderError);
    expect(upstream.requests).to.have.length(1);
    expect((await provider.pauses()).get('scripted')).to.be.within(50_000, 60_000);
    expect(await provider.waitMs()).to.equal(0);
    expect(await ask(provider, { model: 'another' })).to.equal('stop');
  });

  it('holds all models back when the server says that it is the account', async () => {
    const headers = { 'retry-after': '3600' };
    const message = 'Limit reached: requests per day for your account';
    upstream.script(upstreams.status(429, { message, headers }));
    const provider = create();
    expect(await ask(provider)).to.be.instanceOf(ProviderError);
    expect(await provider.waitMs()).to.be.within(50_000, 60_000);
    expect(await provider.pauses()).to.deep.equal(new Map());
  });

  it('ends at once with its own error when its model is paused for long and it is not to wait here', async () => {
    await pace.pause('scripted', 30_000);
    const provider = create();
    const { signal } = new AbortController();
    const error = await provider
      .stream(REQUEST, () => {}, { signal, patient: false })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ModelPaused).and.include({ refused: false });
    expect(upstream.requests).to.have.length(0);
  });

  it('ends so after a refusal of its own, too', async () => {
    upstream.script(upstreams.rateLimited(30));
    const { signal } = new AbortController();
    const error = await create()
      .stream(REQUEST, () => {}, { signal, patient: false })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ModelPaused).and.include({ refused: true });
    expect(upstream.requests).to.have.length(1);
  });

  it('does not hold the others back for a failure of another kind', async () => {
    const wait = { headers: { 'retry-after': '1' } };
    upstream.script(upstreams.status(503, wait), upstreams.status(503, wait));
    const provider = create(NONE, { maxRetries: 0 });
    await ask(provider);
    expect(await provider.waitMs()).to.equal(0);
  });

  it('takes a slot for every request, also for one more without a refused parameter', async () => {
    const message = 'Unknown parameter: stream_options';
    upstream.script(
      upstreams.status(400, { message, param: 'stream_options' }),
      upstreams.status(500, { headers: { 'retry-after-ms': '1' } }),
    );
    const provider = create({ requestsPerMinute: 30, tokensPerMinute: 0 });
    expect(await ask(provider)).to.equal('stop');
    expect(upstream.requests).to.have.length(3);
    expect(await provider.waitMs()).to.be.above(1_000);
  });

  it('ends at once with the reason when it is aborted while it waits, and sends nothing', async () => {
    await pace.pause(null, 30_000);
    const controller = new AbortController();
    const asked = ask(create(), {}, controller.signal);
    const reason = new Error('stopped');
    controller.abort(reason);
    const started = performance.now();
    expect(await asked).to.equal(reason);
    expect(performance.now() - started).to.be.below(15_000);
    expect(upstream.requests).to.have.length(0);
  });

  it('gives up when the line is too long for anybody to wait', async () => {
    const full = async () => ({ slot: null, waitMs: 700_000 });
    pace = { ...pace, reserve: full };
    const error = await ask(create());
    expect(error).to.be.instanceOf(ProviderError);
    expect((error as ProviderError).code).to.equal('provider_unavailable');
  });

  it('asks again where the line is too long for a slot at the moment', async () => {
    const { reserve } = pace;
    let asked = 0;
    const once: ModelPace['reserve'] = (...args) => {
      asked += 1;
      return asked === 1 ? Promise.resolve({ slot: null, waitMs: 90_001 }) : reserve(...args);
    };
    pace = { ...pace, reserve: once };
    expect(await ask(create())).to.equal('stop');
    expect(asked).to.equal(2);
  });

  describe('with a limit of tokens', () => {
    let began: number;
    beforeEach(() => {
      began = performance.now();
    });

    /** The debt has been paid back for as long as the test has run, at most. */
    const expectOwed = async (tokens: number) => {
      const owed = Math.max(0, tokens - 600) * EVERY_TOKEN_MS;
      const left = await pace.waitMs(TOKENS);
      const least = Math.max(0, owed - (performance.now() - began));
      expect(left).to.be.within(Math.floor(least), Math.ceil(owed));
    };
    const usage = (total_tokens: number) => ({
      prompt_tokens: 1,
      completion_tokens: total_tokens - 1,
      total_tokens,
    });

    it('reserves for the prompt and the longest answer, and settles by the usage', async () => {
      const held = upstream.next();
      const asked = ask(create(TOKENS), { maxTokens: 2_000 });
      await held.opened;
      await expectOwed(2_003);
      held.write('hello');
      held.finish({ usage: usage(1_500) });
      await asked;
      await expectOwed(1_500);
    });

    it('assumes a thousand for an answer without a limit, and counts where no usage comes', async () => {
      const held = upstream.next();
      const asked = ask(create(TOKENS));
      await held.opened;
      await expectOwed(1_003);
      held.write('word '.repeat(900));
      held.finish({ usage: null });
      await asked;
      await expectOwed(903);
    });

    it('counts what had come of an answer that was stopped', async () => {
      const held = upstream.next();
      const controller = new AbortController();
      const stop = () => controller.abort(new Error('stopped'));
      const asked = ask(create(TOKENS), { maxTokens: 5_000 }, controller.signal, stop);
      held.write('word '.repeat(700));
      await asked;
      await expectOwed(703);
    });

    it('counts nothing for requests that were refused, or that never had their turn', async () => {
      upstream.script(upstreams.rateLimited(0), upstreams.status(500), upstreams.status(401));
      const provider = create(TOKENS);
      await ask(provider, { maxTokens: 5_000 });
      await ask(provider, { maxTokens: 5_000 });
      await expectOwed(0);
      await pace.pause(null, 500);
      const controller = new AbortController();
      const messages = [{ role: 'user' as const, content: 'word '.repeat(2_000) }];
      const asked = ask(provider, { messages }, controller.signal);
      await eventually(
        () => pace.waitMs(TOKENS),
        (ms) => ms > 10_000,
      );
      controller.abort(new Error('stopped'));
      await asked;
      expect(await pace.waitMs(TOKENS)).to.be.below(500 + 2 * 25);
    });
  });
});
