import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import express, { type Response } from 'express';
import { onClosed } from '../../../src/http/on-closed.js';
import { AnswerStreams } from '../../../src/http/streams/answer-streams.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

const MEMBER = {
  ...{
    userId: 1,
    username: 'ada',
    sessionId: 's',
    roles: [],
    permissions: new Set<never>(),
    scopes: null,
  },
  expiresAt: Number.POSITIVE_INFINITY,
};

describe('A response whose client has left', () => {
  let server: Server;
  let take: (res: Response) => void;

  before(async () => {
    server = createServer(express().get('/', (_, res) => take(res)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  /** A request that is being handled, and the end of its client. */
  const ask = async () => {
    const taken = new Promise<Response>((resolve) => {
      take = resolve;
    });
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: parley\r\n\r\n');
    const res = await taken;
    const leave = async () => {
      const closed = once(res, 'close');
      client.destroy();
      await closed;
    };
    return { res, leave };
  };

  it('tells it once, also to who asks later', async () => {
    const { res, leave } = await ask();
    const told: string[] = [];
    onClosed(res, () => told.push('asked before'));
    expect(told).to.deep.equal([]);
    await leave();
    onClosed(res, () => told.push('asked after'));
    expect(told).to.deep.equal(['asked before', 'asked after']);
  });

  it('begins no stream of an answer', async () => {
    const { res, leave } = await ask();
    await leave();
    const right = { signal: new AbortController().signal, close: () => {} };
    const rights = { require: async () => {}, watch: () => right };
    const streams = new AnswerStreams({ rights, telemetry: noTelemetry, charge: () => {} }, 1);
    const signals: AbortSignal[] = [];
    const reader = { principal: MEMBER, permission: 'conversations:read', res } as const;
    await streams.run(reader, async (stream, signal) => {
      signals.push(signal);
      stream.open();
    });
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
  });
});
