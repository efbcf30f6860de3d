import { expect } from 'chai';
import { ScreenWatch, type ScreenWatchDeps } from '../../../src/gateway/rooms/screen-watch.js';
import type { ParleyServer } from '../../../src/gateway/types.js';

describe('The watch over screens', () => {
  const watch = (sockets: object | null) =>
    new ScreenWatch({} as ParleyServer, { sockets } as ScreenWatchDeps, () => {});

  it('remembers what rooms are told only where other nodes are: alone, nothing sweeps it out', () => {
    expect(watch(null).shown).to.equal(null);
    expect(watch({}).shown).to.not.equal(null);
  });
});
