import { expect } from 'chai';
import { type Piece, textOf } from '../../../src/contract/spoken.js';
import { AnswerTooLong, LeaseLost } from '../../../src/domain/answers/abort-reasons.js';
import type { AnswerLog } from '../../../src/domain/answers/answer-log.js';
import { DeltaFlusher } from '../../../src/domain/answers/running/delta-flusher.js';
import { FlushClock } from '../../../src/domain/answers/running/flush-clock.js';

const LIMITS = { deltaChars: 4, answerChars: 6 };

/** A flusher whose log keeps what it is given, on a clock that stands still. */
function createParts(append: (delta: Piece) => Promise<void> = async () => {}) {
  const failures: Error[] = [];
  const deltas: Piece[] = [];
  let firsts = 0;
  const answer = {
    async append(delta: Piece) {
      await append(delta);
      deltas.push(delta);
    },
  } as unknown as AnswerLog;
  const flusher = new DeltaFlusher(answer, {
    clock: new FlushClock(1_000),
    onFailure: (error) => failures.push(error),
    onFirst: () => {
      firsts += 1;
    },
    limits: LIMITS,
  });
  return { flusher, failures, deltas, firsts: () => firsts };
}

const said = (deltas: readonly Piece[]) => deltas.map(textOf).join('');

describe('The deltas of an answer', () => {
  it('fail it when its text is too long, and hold what fits', async () => {
    const { flusher, failures, deltas } = createParts();
    flusher.push('123456');
    expect(failures).to.deep.equal([]);
    flusher.push('7');
    expect(failures).to.have.length(1);
    expect(failures[0]).to.be.instanceOf(AnswerTooLong);
    await flusher.end();
    expect(said(deltas)).to.equal('123456');
  });

  it('fail it when its reasoning is too long', async () => {
    const { flusher, failures } = createParts();
    flusher.pushReasoning('1234567');
    expect(failures[0]).to.be.instanceOf(AnswerTooLong);
    await flusher.end();
  });

  it('report the first text once, and take nothing after the end', async () => {
    const { flusher, deltas, firsts } = createParts();
    flusher.push('a');
    flusher.push('b');
    await flusher.end({ text: 'c', reasoning: '' });
    flusher.push('d');
    expect(firsts()).to.equal(1);
    expect(said(deltas)).to.equal('abc');
  });

  it('fail it with what the log says, and write nothing more', async () => {
    const { flusher, failures, deltas } = createParts(() => Promise.reject(new LeaseLost()));
    flusher.push('a');
    await new Promise(setImmediate);
    expect(failures[0]).to.be.instanceOf(LeaseLost);
    flusher.push('b');
    expect(deltas).to.deep.equal([]);
  });
});
