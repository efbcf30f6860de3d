import { expect } from 'chai';
import { AnswerPlaces } from '../../../src/domain/answers/claims/answer-places.js';
import type { Claim } from '../../../src/entities/entities.js';
import type { Repositories } from '../../../src/ports/repositories/repositories.js';

const claimOf = (generationId: number): Claim => ({
  generationId,
  claimId: 'c',
  messageId: 1,
  conversationId: 1,
  userId: 1,
  attempt: 1,
  tries: 1,
  stopRequested: false,
  takenOver: false,
  model: null,
  reserved: null,
  trace: null,
});

describe('A place that is reserved for an answer', () => {
  const PLACES = 2;
  const tx = {} as Repositories;
  let run: number[];
  let places: AnswerPlaces;
  let answer: (generationId: number) => Promise<Claim | null>;

  beforeEach(() => {
    run = [];
    answer = async (generationId) => claimOf(generationId);
    places = new AnswerPlaces({
      hasRoom: () => places.size < PLACES,
      claim: (_, generationId) => answer(generationId),
      run: ({ generationId }) => void run.push(generationId),
    });
  });

  it('is taken by the claim, kept over the commit and free once it is adopted', async () => {
    const place = places.reserve();
    expect(places.size).to.equal(0);
    await place.claim(tx, 7);
    expect([places.size, places.won.length]).to.deep.equal([1, 1]);
    expect(place.adopt()).to.equal(true);
    expect([places.size, places.won.length]).to.deep.equal([0, 0]);
    expect(run).to.deep.equal([7]);
  });

  it('is given back once, however often it is released', async () => {
    const [place, other] = [places.reserve(), places.reserve()];
    await place.claim(tx, 1);
    await other.claim(tx, 2);
    place.release();
    place.release();
    expect([places.size, places.won.length]).to.deep.equal([1, 1]);
    expect(place.adopt()).to.equal(false);
    expect(run).to.deep.equal([]);
  });

  it('is not given back twice by whoever adopts and releases it', async () => {
    const [place, other] = [places.reserve(), places.reserve()];
    await place.claim(tx, 1);
    await other.claim(tx, 2);
    place.adopt();
    place.release();
    place.adopt();
    expect(places.size).to.equal(1);
    expect(run).to.deep.equal([1]);
  });

  it('begins nothing without room, nor after it was released', async () => {
    for (let i = 0; i < PLACES; i++) await places.reserve().claim(tx, i);
    expect(await places.reserve().claim(tx, 9)).to.equal(null);
    const late = places.reserve();
    late.release();
    expect(await late.claim(tx, 9)).to.equal(null);
    expect(places.size).to.equal(PLACES);
  });

  it('is free when nothing was won, or the claim fails', async () => {
    answer = async () => null;
    const place = places.reserve();
    expect(await place.claim(tx, 1)).to.equal(null);
    expect(place.adopt()).to.equal(false);
    answer = () => Promise.reject(new Error('away'));
    await places
      .reserve()
      .claim(tx, 1)
      .catch(() => {});
    expect(places.size).to.equal(0);
  });

  it('is waited for until it is settled, or nobody waits any more', async () => {
    const place = places.reserve();
    await place.claim(tx, 1);
    const over = new AbortController();
    const given = places.settled(over.signal);
    place.release();
    await given;
    await places.reserve().claim(tx, 2);
    over.abort();
    await places.settled(over.signal);
    expect(places.size).to.equal(1);
  });
});
