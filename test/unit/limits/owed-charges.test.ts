import { expect } from 'chai';
import { OwedCharges } from '../../../src/domain/limits/owed-charges.js';
import { unavailable } from '../../../src/entities/errors.js';

const charge = { model: 'm', tokens: 1, cost: null, currency: null };
const owed = (reservation: number) => ({ reservation, userId: 1, charge });

describe('What calls owe', () => {
  let counted: number[];
  let logged: string[];
  const log = (text: string) => logged.push(text);
  const logger = {
    debug: () => {},
    info: () => {},
    warn: (_: object, text: string) => log(text),
    error: (_: object, text: string) => log(text),
  };
  beforeEach(() => {
    counted = [];
    logged = [];
  });

  /** The first try to count each of them fails like this. */
  const failingOnce = (error: Error) => {
    const tried = new Set<number>();
    const settle = async (reservation: number) => {
      if (!tried.has(reservation)) {
        tried.add(reservation);
        throw error;
      }
      counted.push(reservation);
    };
    return new OwedCharges({ settle }, logger);
  };

  it('is counted at once, and nothing is said', async () => {
    const settle = async (reservation: number) => void counted.push(reservation);
    const charges = new OwedCharges({ settle }, logger);
    await charges.settle(owed(1));
    expect(counted).to.deep.equal([1]);
    expect(logged).to.deep.equal([]);
  });

  it('is all counted at a stop, also what is added just as the rest has been counted', async () => {
    // Whatever number of steps lies between the last count and the look for more.
    for (let steps = 0; steps < 20; steps += 1) {
      counted = [];
      const charges = failingOnce(unavailable(new Error('gone')));
      void charges.settle(owed(1));
      for (let step = 0; step < steps; step += 1) await null;
      await charges.settle(owed(2));
      await charges.stop();
      expect(counted, `${steps} steps`).to.deep.equal([1, 2]);
    }
    expect(new Set(logged)).to.deep.equal(new Set(['a charge was counted late']));
  });

  it('is not tried again after a fault of the program, and that is said aloud', async () => {
    const charges = failingOnce(new TypeError('x is not a function'));
    await charges.settle(owed(1));
    await charges.stop();
    expect(counted).to.deep.equal([]);
    expect(logged).to.deep.equal(['a charge was not counted']);
  });

  it('is not kept by a node that has stopped, and that is said aloud', async () => {
    const charges = failingOnce(unavailable(new Error('gone')));
    await charges.stop();
    await charges.settle(owed(1));
    expect(counted).to.deep.equal([]);
    expect(logged).to.deep.equal(['a charge was not counted']);
  });
});
