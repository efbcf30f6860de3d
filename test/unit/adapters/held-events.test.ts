import { expect } from 'chai';
import type { Outgoing } from '../../../src/adapters/redis/log/envelope.js';
import { HeldEvents } from '../../../src/adapters/redis/log/held-events.js';

const event = (serial: number): Outgoing => ({ conversationId: 1, serial, event: null, json: '' });
const serialOf = (held: { own: Outgoing } | undefined) => held?.own.serial;

describe('Events that wait for others before them', () => {
  let held: HeldEvents;
  let overdue: () => void;
  beforeEach(() => {
    overdue = () => {};
    held = new HeldEvents(() => overdue());
  });

  it('are taken once, by the one before them or by their own number', () => {
    void held.add(event(1), 'a');
    void held.add(event(2), 'b');
    expect(held.size).to.equal(2);
    expect(held.takeAfter('other')).to.equal(undefined);
    expect(held.takeAfter(null)).to.equal(undefined);
    expect(serialOf(held.takeAfter('a'))).to.equal(1);
    expect(held.takeAfter('a')).to.equal(undefined);
    expect(held.take(1)).to.equal(undefined);
    expect(serialOf(held.take(2))).to.equal(2);
    expect(held.take(2)).to.equal(undefined);
    expect(held.size).to.equal(0);
  });

  it('are both kept if they follow the same one, and the second has no place but its number', () => {
    void held.add(event(1), 'a');
    void held.add(event(2), 'a');
    expect(serialOf(held.takeAfter('a'))).to.equal(1);
    expect(held.takeAfter('a')).to.equal(undefined);
    expect(serialOf(held.take(2))).to.equal(2);
  });

  it('are all taken in their order, and know which came last', () => {
    expect(held.last).to.equal(null);
    for (const serial of [3, 1, 2]) void held.add(event(serial), `after ${serial}`);
    expect(held.last?.serial).to.equal(2);
    expect(held.takeAll().map(serialOf)).to.deep.equal([3, 1, 2]);
    expect(held.takeAll()).to.deep.equal([]);
    expect(held.size).to.equal(0);
  });

  it('tell whoever added them when readers have them', async () => {
    const told: string[] = [];
    const adding = held.add(event(1), 'a').then(() => told.push('told'));
    const taken = held.takeAfter('a');
    await Promise.resolve();
    expect(told).to.deep.equal([]);
    taken?.told();
    await adding;
    expect(told).to.deep.equal(['told']);
  });

  it('are overdue after a while, those that are left', async () => {
    const alive = setInterval(() => {}, 1_000);
    try {
      const late = new Promise<void>((resolve) => {
        overdue = resolve;
      });
      void held.add(event(1), 'a');
      void held.add(event(2), 'b');
      held.takeAfter('a');
      await late;
      expect(held.takeAll().map(serialOf)).to.deep.equal([2]);
    } finally {
      clearInterval(alive);
    }
  });
});
