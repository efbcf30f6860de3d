import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeldAnswer } from './held-answer.js';
import { answer } from './upstream-behaviours.js';
import type { Behaviour, RecordedRequest } from './upstream-wire.js';

export type { HeldAnswer } from './held-answer.js';
export * from './upstream-behaviours.js';
export type { Behaviour, RecordedRequest } from './upstream-wire.js';

export interface Upstream {
  /** Base URL for the provider, with `/v1`. */
  url: string;
  /** All requests so far, in order. */
  requests: RecordedRequest[];
  /** Queues behaviours. Each answers one request, in order of arrival. */
  script(...behaviours: Behaviour[]): void;
  /** The behaviour while none is queued. At first `answer('Hello there.')`. */
  otherwise(behaviour: Behaviour): void;
  /** Queues an answer that the test writes itself. */
  next(): HeldAnswer;
  /** Resolves to the `count`th request (from 1), also if it has already arrived. */
  request(count: number): Promise<RecordedRequest>;
  /** Ends everything, including open answers. */
  stop(): Promise<void>;
}

/** A real HTTP server on a free loopback port that behaves as the test says. */
export async function startUpstream(): Promise<Upstream> {
  const queue: Behaviour[] = [];
  const requests: RecordedRequest[] = [];
  const waiting: { count: number; resolve: (request: RecordedRequest) => void }[] = [];
  let fallback: Behaviour = answer('Hello there.');

  const record = (request: RecordedRequest) => {
    requests.push(request);
    for (const waiter of waiting) {
      if (waiter.count === requests.length) waiter.resolve(request);
    }
  };
  const server = createServer(async (incoming, response) => {
    incoming.socket.setNoDelay(true);
    // Clients disconnect during answers on purpose.
    response.on('error', () => {});
    const request = await readRequest(incoming, response);
    const behaviour = queue.shift() ?? fallback;
    record(request);
    await behaviour(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script: (...behaviours) => {
      queue.push(...behaviours);
    },
    otherwise: (behaviour) => {
      fallback = behaviour;
    },
    next: () => {
      const held = new HeldAnswer();
      queue.push((response, request) => held.open(response, request));
      return held;
    },
    request: (count) => {
      const known = requests[count - 1];
      return known
        ? Promise.resolve(known)
        : new Promise((resolve) => waiting.push({ count, resolve }));
    },
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<RecordedRequest> {
  const closed = new Promise<void>((resolve) => {
    response.once('close', resolve);
  });
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return {
    path: incoming.url ?? '',
    at: performance.now(),
    headers: incoming.headers,
    remotePort: incoming.socket.remotePort,
    body: text === '' ? { model: '', messages: [] } : JSON.parse(text),
    closed,
  };
}
