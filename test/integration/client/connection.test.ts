import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Server, type Socket } from 'socket.io';
import { Connection } from '../../../src/client/connection/connection.js';
import type { ConnectionState } from '../../../src/client/connection/connection-machine.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import type { Credentials } from '../../../src/client/rest/credentials.js';
import type { ErrorCode } from '../../../src/contract/errors.js';

const over = (code: ErrorCode) => new ParleyError({ code, message: code, retryable: false });

describe('the connection of a client, as its events cross', () => {
  const http = createServer();
  const io = new Server(http);
  let refusal: ErrorCode | null;
  let tries: number;
  /** Takes a handshake instead of the reply. */
  let handshake: ((socket: Socket) => boolean) | null;
  let create: () => Connection;
  let connection: Connection;
  let states: ConnectionState[];
  /** How the renewal under way ends. */
  let renewal: { resolve(): void; reject(error: ParleyError): void };
  let renewing: Promise<void>;

  before(async () => {
    io.use((socket, next) => {
      tries += 1;
      if (handshake?.(socket)) return;
      if (refusal === null) next();
      else {
        const data = { code: refusal, message: refusal, retryable: false };
        next(Object.assign(new Error(refusal), { data }));
      }
    });
    http.listen(0);
    await once(http, 'listening');
  });
  after(() => io.close());
  beforeEach(() => {
    refusal = null;
    tries = 0;
    handshake = null;
    states = [];
    let begun = () => {};
    renewing = new Promise((resolve) => {
      begun = resolve;
    });
    const credentials: Credentials = {
      token: () => 'token',
      handshake: () => ({ token: 'token' }),
      renew: () =>
        new Promise((resolve, reject) => {
          renewal = { resolve, reject };
          begun();
        }),
      open: () => {},
      close: () => {},
    };
    const { port } = http.address() as AddressInfo;
    create = () =>
      new Connection({
        ...{ url: `http://127.0.0.1:${port}`, credentials, ackTimeoutMs: 5_000 },
        backoff: { minMs: 10, maxMs: 20 },
      });
    connection = create();
    connection.subscribe(({ state }) => states.push(state));
  });
  afterEach(() => connection.stop());

  const reach = (wanted: ConnectionState, by = connection) =>
    new Promise<void>((resolve) => {
      if (by.status.state === wanted) resolve();
      by.subscribe(({ state }) => {
        if (state === wanted) resolve();
      });
    });
  const accepted = async (): Promise<Socket> => (await once(io, 'connection'))[0];
  const refuse = async () => {
    refusal = 'token_expired';
    connection.start();
    await renewing;
    refusal = null;
  };

  it('stays when a renewal ends after another way has led there, and is extended', async () => {
    await refuse();
    const socket = accepted();
    connection.setNetwork(true);
    await reach('online');
    const extended = once(await socket, 'session:renew');
    renewal.resolve();
    expect((await extended)[0]).to.deep.equal({ token: 'token' });
    expect(tries).to.equal(2);
    expect(states).to.deep.equal(['connecting', 'reconnecting', 'online']);
    expect(io.of('/').sockets.size).to.equal(1);
  });

  it('stays closed when a renewal fails after it was stopped', async () => {
    await refuse();
    connection.stop();
    renewal.reject(over('session_revoked'));
    await renewing;
    await new Promise(setImmediate);
    expect(connection.status).to.deep.equal({ state: 'offline', code: null });
    connection.start();
    await reach('online');
  });

  it('ends when a renewal fails after it came back, since the session is over', async () => {
    await refuse();
    connection.setNetwork(true);
    await reach('online');
    renewal.reject(over('session_revoked'));
    await reach('ended');
    expect(connection.status.code).to.equal('session_revoked');
  });

  it('connects once when it is stopped and started while a renewal is under way', async () => {
    await refuse();
    connection.stop();
    connection.start();
    await reach('online');
    renewal.resolve();
    await new Promise(setImmediate);
    expect(tries).to.equal(2);
    expect(connection.status.state).to.equal('online');
  });

  it('does not connect when a listener stops it at once', async () => {
    const unsubscribe = connection.subscribe(({ state }) => {
      if (state === 'connecting') connection.stop();
    });
    connection.start();
    unsubscribe();
    expect(states).to.deep.equal(['connecting', 'offline']);
    const later = create();
    const reached = reach('online', later);
    later.start();
    await reached;
    expect(tries).to.equal(1);
    later.stop();
  });

  for (const [how, close] of [
    ['the server closes it in order', ({ conn }) => conn.close()],
    ['the network breaks it', ({ request }) => request.destroy()],
  ] satisfies [string, (socket: Socket) => void][]) {
    it(`tries again when ${how} before the handshake has a reply`, async () => {
      handshake = (socket) => {
        if (tries === 1) close(socket);
        return tries === 1;
      };
      connection.start();
      await reach('online');
      expect(tries).to.equal(2);
      expect(states).to.deep.equal(['connecting', 'online']);
    });
  }
});
