import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Call } from '../../../src/client/call.js';
import { PassedRooms } from '../../../src/client/conversation/passed-rooms.js';

describe('Rooms that an ask has joined', () => {
  let open: Set<number>;
  let left: number[];
  let refusals: number;
  let rooms: PassedRooms;

  beforeEach(() => {
    open = new Set();
    left = [];
    refusals = 0;
    const call = async (_: string, { conversation_id }: { conversation_id: number }) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('rate_limited');
      }
      left.push(conversation_id);
      return {};
    };
    rooms = new PassedRooms(call as Call, (id) => open.has(id));
  });

  /** Timers run in the order of their times, so this one comes after those that are due. */
  const pass = () => sleep(5);

  it('are left once the ack was told, except those that were opened then', async () => {
    rooms.joined(1);
    rooms.joined(2);
    expect(left).to.deep.equal([]);
    open.add(2);
    await pass();
    rooms.joined(3);
    await pass();
    expect(left).to.deep.equal([1, 3]);
  });

  it('are left with the next one if that was refused, unless they are open by then', async () => {
    refusals = 2;
    rooms.joined(1);
    rooms.joined(2);
    await pass();
    open.add(2);
    rooms.joined(3);
    await pass();
    expect(left).to.deep.equal([1, 3]);
  });

  it('are gone with the connection', async () => {
    rooms.joined(1);
    rooms.lost();
    await pass();
    expect(left).to.deep.equal([]);
  });
});
