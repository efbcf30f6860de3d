import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RequestHandler, Router } from 'express';
import type { Logger } from '../domain/logger.js';
import { AppError } from '../entities/errors.js';
import type { Metrics } from '../ports/metrics.js';
import { listen } from './listen.js';

const isSame = (given: string, secret: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** `GET /metrics` on the main port, for callers with the token. */
export function metricsRoute(metrics: Metrics, token: string): Router {
  const respond: RequestHandler = async (req, res) => {
    const given = /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (given === undefined) throw new AppError('unauthenticated');
    if (!isSame(given, token)) throw new AppError('token_invalid');
    res
      .set('Cache-Control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text());
  };
  return Router().get('/metrics', respond);
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;

/** A port of its own for `GET /metrics`, without a token. @throws Error if the port is in use */
export async function openMetricsServer(
  port: number,
  metrics: Metrics,
  logger: Logger,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const isAsked = /^\/metrics\/?(?:\?|$)/.test(request.url ?? '');
    if (!isAsked || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    const respond = async () => {
      const text = await metrics.text();
      response.writeHead(200, {
        'Content-Type': metrics.contentType,
        'Content-Length': Buffer.byteLength(text),
        'Cache-Control': 'no-store',
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    void respond().catch((err: unknown) => {
      logger.error({ err }, 'metrics not served');
      response.destroy();
    });
  });
  await listen(server, port, logger);
  const { port: open } = server.address() as AddressInfo;
  logger.info({ port: open }, 'metrics are served');
  return {
    port: open,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
