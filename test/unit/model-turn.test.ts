import { expect } from 'chai';
import { createMemoryPace } from '../../src/adapters/memory/model-pace.js';
import { ModelTurn } from '../../src/domain/answers/model-turn.js';

const limits = { requestsPerMinute: 0, tokensPerMinute: 0 };
const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('A turn at the model server', () => {
  const create = () => {
    const pace = createMemoryPace();
    const controller = new AbortController();
    const { signal } = controller;
    return { pace, controller, turn: new ModelTurn({ pace, limits, cost: 1, signal, logger }) };
  };

  it('waits on when a pause comes while it waits', async () => {
    const { pace, turn } = create();
    const started = performance.now();
    await pace.pause(300);
    const passed = turn.pass();
    await pace.waitMs(limits);
    await pace.pause(600);
    await passed;
    expect(performance.now() - started).to.be.at.least(595);
  });

  it('ends its wait at once, with the reason, when it is aborted', async () => {
    const { pace, turn, controller } = create();
    await pace.pause(60_000);
    const passed = turn.pass().catch((error: unknown) => error);
    await pace.waitMs(limits);
    const reason = new Error('stopped');
    controller.abort(reason);
    expect(await passed).to.equal(reason);
  });

  it('never begins after an abort', async () => {
    const { turn, controller } = create();
    const reason = new Error('stopped');
    controller.abort(reason);
    expect(await turn.pass().catch((error: unknown) => error)).to.equal(reason);
  });
});
