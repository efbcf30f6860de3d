import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { ModelInfo } from '../../../src/contract/rest.js';
import { ModelCheck, type ModelCheckDeps } from '../../../src/domain/answers/model/model-check.js';
import { ModelPaused } from '../../../src/domain/answers/model/model-slot.js';
import type { AnswerSource } from '../../../src/domain/answers/model/paced-provider.js';
import { type CompletionRequest, ProviderError } from '../../../src/ports/completion-provider.js';

const ASKER = { userId: 7, sessionId: 'any' };
const MODELS = [
  { id: 'other', default: false },
  { id: 'usual', default: true },
] as ModelInfo[];
const END = { finishReason: 'stop', usage: null };
/** Only the calls to the server count here; the test of waiting requests covers the right. */
const db = { transaction: async () => undefined } as unknown as ModelCheckDeps['db'];

describe('The check of a model', () => {
  let asked: CompletionRequest[];
  let patience: boolean[];
  let signals: AbortSignal[];
  let right: AbortController;

  beforeEach(() => {
    right = new AbortController();
  });

  const run = (stream: AnswerSource['stream'] | null, name?: string, withinMs?: number) => {
    asked = [];
    patience = [];
    signals = [];
    const source = {
      stream: (...call: Parameters<AnswerSource['stream']>) => {
        asked.push(call[0]);
        signals.push(call[2].signal);
        patience.push(call[2].patient);
        return stream?.(...call) ?? Promise.resolve(END);
      },
    } as AnswerSource;
    const check = new ModelCheck({
      db,
      models: { list: () => MODELS, resolve: (given) => given },
      serverOf: () => (stream === null ? null : source),
      ...(withinMs !== undefined && { withinMs }),
    });
    return check.run(ASKER, name, right.signal);
  };
  const failing = (error: Error) => run(() => Promise.reject(error));
  /** Says nothing until it is aborted. */
  const silent: AnswerSource['stream'] = (_request, _onText, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  it('asks the default model, or the named one, for a few tokens, and does not wait for a paused one', async () => {
    const { ms, ...result } = await run(async () => END);
    expect(result).to.deep.equal({ model: 'usual', fault: null, words: null });
    expect(ms).to.be.within(0, 60_000);
    expect(asked[0]).to.deep.include({ model: 'usual', user: '7' });
    expect(asked[0]?.maxTokens).to.be.within(1, 100);
    expect(patience).to.deep.equal([false]);
    expect((await run(async () => END, 'other')).model).to.equal('other');
  });

  it('ends the call at the first text, and at the first thought', async () => {
    const ends: unknown[] = [];
    const saying =
      (kind: 'text' | 'reasoning'): AnswerSource['stream'] =>
      (request, onText, asking) => {
        const end = silent(request, onText, asking);
        if (kind === 'text') onText('Hel');
        else asking.hears?.reasoning?.('Hm');
        ends.push(asking.signal.aborted);
        return end;
      };
    for (const kind of ['text', 'reasoning'] as const) {
      expect((await run(saying(kind))).fault).to.equal(null);
    }
    expect(ends).to.deep.equal([true, true]);
  });

  it('names what is wrong', async () => {
    const faultOf = async (result: ReturnType<typeof run>) => (await result).fault;
    expect(await faultOf(run(null))).to.equal('not_found');
    expect(await faultOf(run(async () => ({ ...END, finishReason: null })))).to.equal('silent');
    expect(await faultOf(failing(new ModelPaused(true)))).to.equal('busy');
    const refused = new ProviderError('provider_error', 'no', { fault: 'credentials' });
    expect(await faultOf(failing(refused))).to.equal('credentials');
    expect(await faultOf(failing(new ProviderError('provider_error', 'no')))).to.equal('reported');
    expect(await faultOf(failing(new Error('anything else')))).to.equal('no_answer');
  });

  it('ends with the right of its caller, and says why', async () => {
    const reason = new Error('revoked');
    const revoked: AnswerSource['stream'] = (...call) => {
      const end = silent(...call);
      right.abort(reason);
      return end;
    };
    expect(await run(revoked).catch((error: unknown) => error)).to.equal(reason);
    expect(signals[0]?.reason).to.equal(reason);
  });

  it('gives the model a limited time, which ends with the call', async () => {
    expect((await run(silent, 'usual', 5)).fault).to.equal('no_answer');
    await run(async () => END, 'usual', 5);
    // Timers fire in the order of their times.
    await wait(10);
    expect(signals[0]?.aborted).to.equal(false);
  });
});
