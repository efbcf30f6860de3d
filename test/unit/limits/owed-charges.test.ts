import { expect } from 'chai';
import { pino } from 'pino';
import { OwedCharges } from '../../../src/domain/limits/owed-charges.js';

const charge = { model: 'm', tokens: 1, cost: null, currency: null };
const owed = (reservation: number) => ({ reservation, userId: 1, charge });

describe('What calls owe', () => {
  it('is all counted at a stop, also what is added just as the rest has been counted', async () => {
    // Whatever number of steps lies between the last count and the look for more.
    for (let steps = 0; steps < 20; steps += 1) {
      const counted: number[] = [];
      const settle = async (reservation: number) => void counted.push(reservation);
      const charges = new OwedCharges({ settle }, pino({ level: 'silent' }));
      charges.add(owed(1));
      for (let step = 0; step < steps; step += 1) await null;
      charges.add(owed(2));
      await charges.stop();
      expect(counted, `${steps} steps`).to.deep.equal([1, 2]);
    }
  });
});
