import { expect } from 'chai';
import { judgeRefresh, REUSE_GRACE_MS } from '../../src/domain/sessions/session-rules.js';

const TURNED = 1_000_000;

const judge = (gen: number, { seenGen = 4, after = 0 } = {}) =>
  judgeRefresh({ gen: 5, seenGen, rotatedAt: new Date(TURNED) }, gen, TURNED + after);

describe('the rule of refresh', () => {
  it('turns the session for its present token, whenever that comes', () => {
    expect(judge(5)).to.equal('rotate');
    expect(judge(5, { seenGen: 5, after: 1e9 })).to.equal('rotate');
  });

  it('repeats the successor for two tabs within the grace', () => {
    expect(judge(4, { seenGen: 5, after: REUSE_GRACE_MS })).to.equal('repeat');
    expect(judge(4, { seenGen: 5, after: REUSE_GRACE_MS + 1 })).to.equal('reuse');
  });

  it('repeats the successor for as long as nobody has shown a token of it', () => {
    expect(judge(4, { seenGen: 4, after: 1e9 })).to.equal('repeat');
    expect(judge(4, { seenGen: 5, after: 1e9 })).to.equal('reuse');
  });

  it('takes every older token for stolen, even at once', () => {
    expect(judge(3)).to.equal('reuse');
    expect(judge(0)).to.equal('reuse');
  });

  it('goes on from a later token, whose turn the database has lost', () => {
    expect(judge(6)).to.equal('rotate');
    expect(judge(9, { seenGen: 5, after: 1e9 })).to.equal('rotate');
  });
});
