import { expect } from 'chai';
import type { RoomEvent } from '../../../src/contract/events.js';
import { DeltaFeed } from '../../../src/domain/answers/reading/delta-feed.js';

const ID = 70;

const delta = (attempt: number, seq: number, text = 't', message_id = ID): RoomEvent => ({
  name: 'message:delta',
  payload: { conversation_id: 7, message_id, attempt, seq, text },
});

describe('What has come of an answer and was not taken yet', () => {
  let feed: DeltaFeed;
  const hear = (...events: RoomEvent[]) => {
    for (const event of events) feed.onEvent(event);
  };
  const taken = (attempt: number, seq: number) => {
    const next = feed.take({ attempt, seq });
    return next && `${next.attempt}-${next.seq}`;
  };

  beforeEach(() => {
    feed = new DeltaFeed(ID);
    feed.takeDoubt();
  });

  it('is to be read from the log at first, and not again without a reason', () => {
    const fresh = new DeltaFeed(ID);
    expect([fresh.takeDoubt(), fresh.takeDoubt()]).to.deep.equal([true, false]);
  });

  it('is taken in order, each once', () => {
    hear(delta(1, 1), delta(1, 2), delta(2, 1));
    expect([taken(1, 0), taken(1, 1), taken(1, 2), taken(2, 1)]).to.deep.equal([
      '1-1',
      '1-2',
      '2-1',
      null,
    ]);
    expect(feed.takeDoubt()).to.equal(false);
  });

  it('has nothing of other answers, nor what lies before the cursor', () => {
    hear(delta(1, 9, 't', ID + 1), delta(1, 3), delta(2, 2), delta(2, 3));
    expect(taken(2, 2)).to.equal('2-3');
    expect(feed.takeDoubt()).to.equal(false);
  });

  it('leaves a doubt where a delta is missing, and keeps what comes after it', () => {
    for (const beyond of [delta(1, 3), delta(2, 2)]) {
      hear(beyond, delta(2, 3));
      expect(taken(1, 1)).to.equal(null);
      expect(feed.takeDoubt()).to.equal(true);
      hear(delta(2, 4));
      expect(taken(2, 3)).to.equal('2-4');
    }
  });

  it('is bounded in number and in size: then the log is read instead', () => {
    for (let seq = 1; seq <= 256; seq++) hear(delta(1, seq));
    expect(taken(1, 0)).to.equal('1-1');
    hear(delta(1, 257), delta(1, 258));
    expect(taken(1, 1)).to.equal(null);
    expect(feed.takeDoubt()).to.equal(true);
    hear(delta(1, 1, 'x'.repeat(65_537)));
    expect(taken(1, 0)).to.equal(null);
    expect(feed.takeDoubt()).to.equal(true);
  });

  it('counts only what waits now', () => {
    for (let seq = 1; seq <= 1_000; seq++) {
      hear(delta(1, seq, 'x'.repeat(1_000)));
      expect(taken(1, seq - 1)).to.equal(`1-${seq}`);
    }
    expect(feed.takeDoubt()).to.equal(false);
  });

  it('is read from the log when nothing was heard for a while, and only then', () => {
    feed.look();
    hear(delta(1, 1));
    feed.takeDoubt();
    feed.look();
    expect(feed.takeDoubt()).to.equal(false);
    feed.look();
    expect(feed.takeDoubt()).to.equal(true);
  });
});
