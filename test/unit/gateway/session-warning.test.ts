import { expect } from 'chai';
import { nextWarning } from '../../../src/gateway/sessions/session-watch.js';

const NOW = 1_000_000;
const MINUTE = 60_000;

describe('the warning that a session needs a refresh', () => {
  it('comes a minute before the access token ends', () => {
    expect(nextWarning(NOW + 15 * MINUTE, NOW)).to.equal(NOW + 14 * MINUTE);
  });

  it('comes halfway when tokens are short, so that refreshing at each warning is no loop', () => {
    expect(nextWarning(NOW + MINUTE, NOW)).to.equal(NOW + MINUTE / 2);
  });
});
