import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { listen } from '../../../src/http/listen.js';

describe('A server that listens', () => {
  const logged: object[] = [];
  const error = (fields: object): void => {
    logged.push(fields);
  };
  const logger = { debug() {}, info() {}, warn() {}, error };

  it('logs each connection that it cannot accept, and goes on', async () => {
    const server = createServer((_, response) => response.end('yes'));
    await listen(server, 0, logger);
    const { port } = server.address() as AddressInfo;
    try {
      const err = new Error('accept EMFILE');
      // As Node does for a failed accept.
      server.emit('error', err);
      server.emit('error', err);
      expect(logged).to.deep.equal([{ err }, { err }]);
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).to.equal('yes');
      const second = await listen(createServer(), port, logger).catch((cause: unknown) => cause);
      expect(Reflect.get(Object(second), 'code')).to.equal('EADDRINUSE');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
