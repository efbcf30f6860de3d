import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { UnreadResponses } from '../../../src/http/unread-responses.js';

const MUCH = 32_000_000;

describe('Answers that nobody reads', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const listen = async (answers: UnreadResponses, codes: unknown[]) => {
    server = createServer((_, response) => {
      try {
        answers.admit(7, response);
        answers.require(7);
        codes.push(null);
      } catch (error) {
        codes.push(Reflect.get(Object(error), 'code'));
      }
      answers.expectReader(response);
      response.end(Buffer.alloc(MUCH));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  };
  const ask = async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    const arrived = once(server, 'request');
    socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [, response] = await arrived;
    return { socket, response };
  };

  it('refuse their user more until they are read, on whichever connection', async () => {
    const codes: unknown[] = [];
    await listen(new UnreadResponses(), codes);
    const first = await ask();
    const second = await ask();
    expect(codes).to.deep.equal([null, 'rate_limited']);
    const gone = [first, second].map(({ response }) => once(response, 'close'));
    first.socket.resume();
    second.socket.resume();
    await Promise.all(gone);
    await ask();
    expect(codes).to.deep.equal([null, 'rate_limited', null]);
  });

  it('end their connection after a time without a byte read', async () => {
    await listen(new UnreadResponses(50), []);
    const { socket, response } = await ask();
    await once(response.req.socket, 'close');
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).to.be.below(MUCH);
  });
});
