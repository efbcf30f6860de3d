import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookPayload } from '../../src/contract/webhooks.js';
import { eventually } from '../eventually.js';

export interface Told {
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  /** The body as it arrived. */
  text: string;
  payload: WebhookPayload;
}

export type Reaction = (response: ServerResponse, told: Told) => void;

export const respond =
  (status: number, headers: Record<string, string> = {}): Reaction =>
  (response) => {
    response.writeHead(status, headers).end();
  };

/** A real HTTP server on a free loopback port that webhooks lead to. */
export interface Receiver {
  /** The address, without a slash at the end. */
  url: string;
  /** Everything that arrived, in order. */
  told: Told[];
  /** The reaction to requests without a queued one; at first it responds 204. */
  otherwise(reaction: Reaction): void;
  /** Queues reactions, each for one request. */
  script(...reactions: Reaction[]): void;
  /** Resolves when as many requests have arrived. */
  until(count: number): Promise<Told[]>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const told: Told[] = [];
  const queue: Reaction[] = [];
  let fallback = respond(204);
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const { url: path = '', headers } = request;
    const one = { at: performance.now(), path, headers, text, payload: JSON.parse(text) };
    told.push(one);
    (queue.shift() ?? fallback)(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    otherwise: (reaction) => {
      fallback = reaction;
    },
    script: (...reactions) => {
      queue.push(...reactions);
    },
    until: (count) =>
      eventually(
        () => told,
        (all) => all.length >= count,
      ),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
