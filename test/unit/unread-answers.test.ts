import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { expect } from 'chai';
import { UnreadAnswers } from '../../src/http/unread-answers.js';

const MUCH = 32_000_000;

describe('Pages of one user', () => {
  const USER = 7;
  const page = () =>
    new ServerResponse(Object.assign(new IncomingMessage(new Socket()), { method: 'GET' }));
  const admitted = async (answers: UnreadAnswers, response = page()) => {
    await answers.admit(USER, response);
    return response;
  };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => Reflect.get(Object(error), 'code'),
    );

  it('wait in a line of two hundred at most', async () => {
    const answers = new UnreadAnswers({ atOnce: 1 });
    await admitted(answers);
    for (let i = 0; i < 200; i++) void answers.admit(USER, page());
    expect(await codeOf(answers.admit(USER, page()))).to.equal('rate_limited');
    await answers.admit(USER + 1, page());
  });

  it('have their turn as soon as the one before is written, unless that is too much unread', async () => {
    const answers = new UnreadAnswers({ atOnce: 1 });
    const first = await admitted(answers);
    const [second, third] = [page(), page()];
    const codes = [second, third].map((one) => codeOf(answers.admit(USER, one)));
    answers.expectReader(USER, first);
    first.end('read soon');
    expect(await codes[0]).to.equal(null);
    answers.expectReader(USER, second);
    second.end(Buffer.alloc(MUCH));
    expect(await codes[1]).to.equal('rate_limited');
  });

  it('are let go on when their client has gone while they waited, and keep no place', async () => {
    const answers = new UnreadAnswers({ atOnce: 1 });
    const first = await admitted(answers);
    const [gone, next] = [page(), page()];
    const codes = [gone, next].map((one) => codeOf(answers.admit(USER, one)));
    gone.emit('close');
    expect(await codes[0]).to.equal(null);
    answers.expectReader(USER, first);
    expect(await codes[1]).to.equal(null);
  });
});

describe('Answers that nobody reads', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const listen = async (answers: UnreadAnswers, codes: unknown[], bytes: number) => {
    server = createServer(async (_, response) => {
      try {
        await answers.admit(7, response);
        codes.push(null);
      } catch (error) {
        codes.push(Reflect.get(Object(error), 'code'));
      }
      if (bytes === 0) return;
      answers.expectReader(7, response);
      response.end(Buffer.alloc(bytes));
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
    await listen(new UnreadAnswers({ atOnce: 50 }), codes, MUCH);
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
    await listen(new UnreadAnswers({ atOnce: 50, unreadMs: 50 }), [], MUCH);
    const { socket, response } = await ask();
    await once(response.req.socket, 'close');
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    expect(socket.bytesRead).to.be.below(MUCH);
  });

  it('are of so many pages at once; others wait for their turn', async () => {
    const codes: unknown[] = [];
    await listen(new UnreadAnswers({ atOnce: 2 }), codes, 0);
    const first = await ask();
    await ask();
    const third = await ask();
    expect(codes).to.deep.equal([null, null]);
    const closed = once(first.response, 'close');
    first.socket.destroy();
    await closed;
    await new Promise(setImmediate);
    expect(codes).to.deep.equal([null, null, null]);
    third.socket.destroy();
  });
});
