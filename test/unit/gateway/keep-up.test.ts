import { expect } from 'chai';
import type { Backlog } from '../../../src/gateway/rooms/backlog.js';
import { KeepUp } from '../../../src/gateway/rooms/keep-up.js';
import type { ParleySocket } from '../../../src/gateway/types.js';

const MUCH = 300_000;
const MANY = 300;
/** Less than the time between two looks. */
const SOON_MS = 40;

describe('Events of a socket that does not read', () => {
  const backlog = (bytes: () => number, packets = () => 1) =>
    ({
      isEmpty: () => false,
      of: () => ({ packets: packets(), bytes: bytes() }),
    }) as unknown as Backlog;
  const socket = () => ({ connected: true }) as ParleySocket;

  it('wait until it has read, fifty of them, and go on in order', async () => {
    let bytes = MUCH;
    const keepUp = new KeepUp(
      backlog(() => bytes),
      60_000,
      () => {},
    );
    const slow = socket();
    const done: number[] = [];
    const waiting = Array.from({ length: 50 }, (_, i) =>
      keepUp.wait(slow).then(() => done.push(i)),
    );
    const refused = await keepUp.wait(slow).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'rate_limited' });
    expect(done).to.deep.equal([]);
    bytes = 1_000;
    await Promise.all(waiting);
    expect(done).to.deep.equal(Array.from({ length: 50 }, (_, i) => i));
    await keepUp.wait(slow);
  });

  it('wait also behind many small answers, and are not overtaken by what comes when it has read', async () => {
    let packets = MANY;
    const keepUp = new KeepUp(
      backlog(
        () => 1,
        () => packets,
      ),
      60_000,
      () => {},
    );
    const slow = socket();
    const done: string[] = [];
    const waiting = keepUp.wait(slow).then(() => done.push('waited'));
    await new Promise(setImmediate);
    expect(done).to.deep.equal([]);
    packets = 1;
    const later = keepUp.wait(slow).then(() => done.push('came later'));
    await Promise.all([waiting, later]);
    expect(done).to.deep.equal(['waited', 'came later']);
  });

  it('are given up when it goes', async () => {
    const keepUp = new KeepUp(
      backlog(() => MUCH),
      60_000,
      () => {},
    );
    const slow = socket();
    const given = keepUp.wait(slow).catch((error: unknown) => error);
    slow.connected = false;
    expect(await given).to.include({ code: 'unavailable' });
  });

  it('do not have it closed while it reads, however slowly', async () => {
    let bytes = 4 * MUCH;
    const closed: ParleySocket[] = [];
    const keepUp = new KeepUp(
      backlog(() => {
        bytes -= 1 + MUCH / 4;
        return bytes;
      }),
      SOON_MS,
      (which) => closed.push(which),
    );
    await keepUp.wait(socket());
    expect(closed).to.deep.equal([]);
  });

  it('have it closed when it reads nothing for the time of grace', async () => {
    const slow = socket();
    const closed = new Promise<ParleySocket>((resolve) => {
      const keepUp = new KeepUp(
        backlog(() => MUCH),
        1,
        (which) => {
          which.connected = false;
          resolve(which);
        },
      );
      keepUp.wait(slow).catch(() => {});
    });
    expect(await closed).to.equal(slow);
  });
});
