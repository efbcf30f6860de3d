import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { standStill } from '../../../lab/stand-still.js';
import { afterReads, everyAfterReads } from '../../../src/domain/after-reads.js';

const MS = 50;

describe('A time limit', () => {
  let server: Server;
  let near: Socket;
  let far: Socket;
  let order: string[];

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    near = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [far] = await once(server, 'connection');
    if (near.connecting) await once(near, 'connect');
    order = [];
    near.on('data', (data) => order.push(String(data)));
  });
  afterEach(() => {
    near.destroy();
    far.destroy();
    server.close();
  });

  /** What `far` says arrives while this process stands still. */
  const pause = async () => {
    await new Promise<void>((sent) => far.write('data', () => sent()));
    standStill(MS * 2);
  };

  it('passes after what came while the process stood still', async () => {
    const passed = new Promise<void>((resolve) =>
      afterReads(() => {
        order.push('limit');
        resolve();
      }, MS),
    );
    await pause();
    await passed;
    expect(order).to.deep.equal(['data', 'limit']);
  });

  it('passes so each time, if it is one of many', async () => {
    let cancel = () => {};
    const passed = new Promise<void>((resolve) => {
      cancel = everyAfterReads(() => {
        order.push('limit');
        resolve();
      }, MS);
    });
    await pause();
    await passed;
    cancel();
    expect(order.slice(0, 2)).to.deep.equal(['data', 'limit']);
  });

  it('does not pass if what came cancels it', async () => {
    for (const begin of [afterReads, everyAfterReads]) {
      order = [];
      const cancel = begin(() => order.push('limit'), MS);
      const came = once(near, 'data');
      near.once('data', cancel);
      await pause();
      await came;
      await new Promise(setImmediate);
      expect(order).to.deep.equal(['data']);
    }
  });
});
