import { expect } from 'chai';
import { createMemoryPace } from '../../../src/adapters/memory/model-pace.js';
import { ModelCatalog } from '../../../src/domain/answers/model/model-catalog.js';
import { ModelRouter } from '../../../src/domain/answers/model/model-router.js';
import { PacedProvider } from '../../../src/domain/answers/model/paced-provider.js';
import { AppError } from '../../../src/entities/errors.js';
import {
  type CompletionProvider,
  type OfferedModel,
  ProviderError,
} from '../../../src/ports/completion-provider.js';
import type { ModelPace } from '../../../src/ports/model-pace.js';
import type { RawCompletions } from '../../../src/ports/raw-completions.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const warned: object[] = [];
const logger = { debug() {}, info() {}, warn: (fields: object) => warned.push(fields), error() {} };
const tokenizer = { count: (text: string) => text.length };
const NONE = { requestsPerMinute: 0, tokensPerMinute: 0 };
const REQUEST = { messages: [], temperature: null, maxTokens: null, user: '1' };

const model = (id: string, provider: string, change: Partial<OfferedModel> = {}): OfferedModel => ({
  ...{ id, provider, name: id, aliases: [], fallback: [], price: null },
  ...{ context_window: null, max_output: null, vision: false, reasoning: false },
  ...change,
});

describe('The router of models', () => {
  let asked: string[];
  let broken: Set<string>;
  /** Models that fail after their first event. */
  let begun: Set<string>;
  let paces: Record<'one' | 'two', ModelPace>;
  let now: number;

  const server = (name: 'one' | 'two', models: OfferedModel[]) => {
    const provider: CompletionProvider & RawCompletions = {
      models: () => models,
      async stream(request, onText, { gate }) {
        await gate?.pass();
        asked.push(request.model);
        if (broken.has(request.model)) throw new ProviderError('provider_unavailable', 'broken');
        onText(`by ${request.model}`);
        return { finishReason: 'stop', usage: null };
      },
      async complete(request, onChunk, { gate }) {
        await gate?.pass();
        asked.push(request.model);
        if (broken.has(request.model)) throw new ProviderError('provider_unavailable', 'broken');
        onChunk(`by ${request.model}`);
        if (begun.has(request.model)) throw new ProviderError('provider_unavailable', 'lost');
        return { finishReason: 'stop', usage: null };
      },
    };
    const deps = { provider, pace: paces[name], tokenizer, logger, telemetry: noTelemetry };
    return new PacedProvider(deps, NONE);
  };
  const create = () =>
    new ModelRouter(
      [
        server('one', [model('a', 'one', { fallback: ['b'] }), model('c', 'one')]),
        server('two', [model('b', 'two'), model('a', 'two')]),
      ],
      logger,
      () => now,
    );
  const ask = async (router: ModelRouter, id: string, patient = true, more = {}) => {
    const heard: string[] = [];
    const hears = { model: (name: string) => heard.push(name) };
    const { signal } = new AbortController();
    const push = (text: string) => heard.push(text);
    await router.stream({ ...REQUEST, ...more, model: id }, push, { signal, patient, hears });
    return heard;
  };

  const complete = async (router: ModelRouter, id: string) => {
    const heard: string[] = [];
    const hear = (text: string) => heard.push(text);
    const { signal } = new AbortController();
    const request = { model: id, body: {}, stream: true, user: '1' };
    const error = await router
      .complete(request, hear, { signal, patient: true, hears: { model: hear } })
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    return { heard, error };
  };

  beforeEach(() => {
    asked = [];
    broken = new Set();
    begun = new Set();
    paces = { one: createMemoryPace(), two: createMemoryPace() };
    now = 0;
    warned.length = 0;
  });

  it('asks the only server for a model that is no longer offered, and none of several', async () => {
    const only = new ModelRouter([server('one', [model('a', 'one')])], logger);
    expect(await ask(only, 'gone')).to.deep.equal(['by gone']);
    const error = await ask(create(), 'gone').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ProviderError).and.include({ code: 'provider_error' });
    expect(asked).to.deep.equal(['gone']);
  });

  it('asks the fallback for a completion only before its first event', async () => {
    const router = create();
    broken.add('a');
    expect(await complete(router, 'a')).to.deep.equal({ heard: ['a', 'b', 'by b'], error: null });
    now += 30_000;
    broken.clear();
    begun.add('a');
    const { heard, error } = await complete(router, 'a');
    expect(heard).to.deep.equal(['a', 'by a']);
    expect(error).to.be.instanceOf(ProviderError).and.include({ detail: 'lost' });
    expect((await complete(router, 'gone')).error).to.be.instanceOf(ProviderError);
  });

  it('asks the first server that has a model', async () => {
    const router = create();
    expect(await ask(router, 'a')).to.deep.equal(['a', 'by a']);
    expect(await ask(router, 'b')).to.deep.equal(['by b']);
  });

  it('asks the fallback first for half a minute after a failure, and then the model again', async () => {
    const router = create();
    broken.add('a');
    expect(await ask(router, 'a')).to.deep.equal(['a', 'b', 'by b']);
    expect(warned).to.have.lengthOf(1);
    expect(warned[0]).to.include({ model: 'a' });
    broken.clear();
    expect(await ask(router, 'a')).to.deep.equal(['b', 'by b']);
    now = 29_999;
    expect(await ask(router, 'a')).to.deep.equal(['b', 'by b']);
    now = 30_000;
    expect(await ask(router, 'a')).to.deep.equal(['a', 'by a']);
    expect(asked).to.deep.equal(['a', 'b', 'b', 'b', 'a']);
  });

  it('asks the fallback with a request of its own', async () => {
    broken.add('a');
    const fitted: string[] = [];
    const as = async (name: string) => {
      fitted.push(name);
      return { ...REQUEST, model: name };
    };
    expect(await ask(create(), 'a', true, { as })).to.deep.equal(['a', 'b', 'by b']);
    expect(fitted).to.deep.equal(['b']);
  });

  it('does not wait for a paused model that has a fallback, nor think that its server has failed', async () => {
    const router = create();
    await paces.one.pause('a', 20_000);
    expect(await ask(router, 'a')).to.deep.equal(['a', 'b', 'by b']);
    expect(asked).to.deep.equal(['b']);
    expect([...(await router.pauses()).keys()]).to.deep.equal([]);
    await paces.two.pause('b', 20_000);
    expect([...(await router.pauses()).keys()]).to.have.members(['a', 'b']);
  });

  it('is paused as a whole only if all servers are, else model by model', async () => {
    const router = create();
    await paces.one.pause(null, 20_000);
    expect(await router.waitMs()).to.equal(0);
    const pauses = await router.pauses();
    expect([...pauses.keys()]).to.deep.equal(['c']);
    expect(pauses.get('c')).to.be.greaterThan(10_000);
    await paces.two.pause(null, 10_000);
    expect(await router.waitMs()).to.be.within(1, 10_000);
  });
});

describe('The catalog of models', () => {
  const catalog = new ModelCatalog(
    [
      model('a', 'one', {
        aliases: ['first', 'b'],
        price: { input: 1, output: 2, currency: 'EUR' },
      }),
      model('b', 'two'),
      model('a', 'two', { price: null }),
    ],
    'b',
  );

  it('lists each model once, the default marked, without what is not for users', () => {
    const list = catalog.list();
    expect(list.map((each) => [each.id, each.provider, each.default])).to.deep.equal([
      ['a', 'one', false],
      ['b', 'two', true],
    ]);
    expect(list[0]).to.not.have.any.keys('aliases', 'fallback');
  });

  it('finds a model by its id before any alias', () => {
    expect(catalog.resolve('first')).to.equal('a');
    expect(catalog.resolve('b')).to.equal('b');
    expect(catalog.resolve(null)).to.equal(null);
    expect(catalog.resolve(undefined)).to.equal(undefined);
    expect(() => catalog.resolve('none')).to.throw(AppError);
    expect(catalog.priceOf('a')?.currency).to.equal('EUR');
    expect(catalog.priceOf('none')).to.equal(null);
  });

  it('chooses the model of the call, of the conversation, or the default, and refuses one that is gone', () => {
    expect(catalog.choose(undefined, null)).to.equal('b');
    expect(catalog.choose(undefined, 'a')).to.equal('a');
    expect(catalog.choose('b', 'gone')).to.equal('b');
    expect(catalog.choose(undefined, 'first')).to.equal('a');
    expect(() => catalog.choose(undefined, 'gone'))
      .to.throw(AppError)
      .and.include({ code: 'validation_failed' });
    expect(new ModelCatalog([], 'b', true).choose('gone')).to.equal('gone');
  });
});
