import { expect } from 'chai';
import { LateEvents } from '../../../src/adapters/redis/log/late-events.js';
import type { RoomEvent } from '../../../src/contract/events.js';

const delta = (message_id: number, attempt: number): RoomEvent => ({
  name: 'message:delta',
  payload: { conversation_id: 1, message_id, attempt, seq: 1, text: 'x' },
});
const status = (message_id: number, attempt: number): RoomEvent => ({
  name: 'message:status',
  payload: { conversation_id: 1, message_id, attempt, status: 'streaming' },
});
const completed = (message_id: number, attempt: number): RoomEvent => ({
  name: 'message:completed',
  payload: {
    conversation_id: 1,
    message_id,
    attempt,
    seq: 1,
    bytes: 1,
    sha256: '',
    status: 'completed',
    finish_reason: 'stop',
    usage: null,
    error: null,
  },
});

describe('Events of an attempt that another has followed', () => {
  let events: LateEvents;
  beforeEach(() => {
    events = new LateEvents();
  });

  for (const [name, of] of Object.entries({ delta, status, completed })) {
    for (const [next, ofNext] of Object.entries({ delta, status, completed })) {
      it(`are late: a ${name} behind a ${next}`, () => {
        expect(events.isLate(of(7, 1))).to.equal(false);
        expect(events.isLate(ofNext(7, 2))).to.equal(false);
        expect(events.isLate(of(7, 1))).to.equal(true);
        expect(events.isLate(of(7, 2))).to.equal(false);
        expect(events.isLate(of(8, 1))).to.equal(false);
      });
    }
  }

  it('are late behind a text that was read', () => {
    events.see(7, 3);
    expect(events.isLate(delta(7, 2))).to.equal(true);
    expect(events.isLate(delta(7, 3))).to.equal(false);
  });

  it('are known of the newest answers, and of no more', () => {
    for (let id = 1; id <= 21; id++) events.isLate(completed(id, 2));
    expect(events.isLate(delta(2, 1))).to.equal(true);
    expect(events.isLate(delta(1, 1))).to.equal(false);
  });
});
