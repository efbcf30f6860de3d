import { expect } from 'chai';
import { createMemoryPace } from '../../../src/adapters/memory/model-pace.js';
import { ModelPaused, ModelSlot } from '../../../src/domain/answers/model/model-slot.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const limits = { requestsPerMinute: 0, tokensPerMinute: 0 };
const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('A slot at the model server', () => {
  const create = (patient = true, now?: () => number) => {
    const pace = createMemoryPace(undefined, now);
    const controller = new AbortController();
    const { signal } = controller;
    const deps = {
      pace,
      model: 'm',
      limits,
      cost: 1,
      patient,
      signal,
      logger,
      telemetry: noTelemetry,
    };
    return { pace, controller, slot: new ModelSlot(deps) };
  };

  it('waits on when a pause comes while it waits', async () => {
    // The time of the pace stands still until both pauses are known.
    let started: number | null = null;
    const { pace, slot } = create(true, () => (started === null ? 0 : performance.now() - started));
    await pace.pause(null, 300);
    const passed = slot.pass();
    await pace.waitMs(limits);
    await pace.pause(null, 600);
    started = performance.now();
    await passed;
    expect(performance.now() - started).to.be.at.least(595);
  });

  it('ends its wait at once, with the reason, when it is aborted', async () => {
    const { pace, slot, controller } = create();
    await pace.pause(null, 60_000);
    const passed = slot.pass().catch((error: unknown) => error);
    await pace.waitMs(limits);
    const reason = new Error('stopped');
    controller.abort(reason);
    expect(await passed).to.equal(reason);
  });

  it('does not wait out a long pause of its model, unless it is patient', async () => {
    const { pace, slot } = create(false);
    await pace.pause('m', 60_000);
    const refused = await slot.pass().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ModelPaused).and.include({ refused: false });
    const { pace: other, slot: patient, controller } = create();
    await other.pause('m', 60_000);
    const passed = patient.pass().catch((error: unknown) => error);
    await other.waitMs(limits);
    controller.abort(new Error('stopped'));
    expect(await passed).to.include({ message: 'stopped' });
  });

  it('waits out a short one, one of another model, and one of all', async () => {
    const { pace, slot, controller } = create(false);
    await pace.pause('other', 60_000);
    await slot.pass();
    await pace.pause('m', 50);
    await slot.pass();
    await pace.pause(null, 60_000);
    const passed = slot.pass().catch((error: unknown) => error);
    await pace.waitMs(limits);
    controller.abort(new Error('stopped'));
    expect(await passed).to.include({ message: 'stopped' });
  });

  it('says whether it was one of its own requests that was refused', async () => {
    const { slot } = create(false);
    await slot.pass();
    await slot.refused(60_000, 'model');
    const refused = await slot.pass().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ModelPaused).and.include({ refused: true });
  });

  it('never begins after an abort', async () => {
    const { slot, controller } = create();
    const reason = new Error('stopped');
    controller.abort(reason);
    expect(await slot.pass().catch((error: unknown) => error)).to.equal(reason);
  });
});
