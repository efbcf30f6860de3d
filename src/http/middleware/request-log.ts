import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

const ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's id if it is harmless, so that one id passes through proxies and nodes. */
export function requestId(req: IncomingMessage, res: ServerResponse): string {
  const given = req.headers['x-request-id'];
  const id = typeof given === 'string' && ID.test(given) ? given : randomUUID();
  res.setHeader('X-Request-Id', id);
  return id;
}

/** The path without its query, which may contain a token. */
const pathOf = (url: string | undefined): string => (url ?? '').split('?', 1)[0] ?? '';

const isProbe = (req: IncomingMessage): boolean => pathOf(req.url).startsWith('/health');

/** The page's files, which come by the dozen. */
const isAsset = ({ url }: IncomingMessage): boolean =>
  /^\/(assets\/|icons\/|manifest\.webmanifest$|favicon\.ico$)/.test(pathOf(url));

/** A 500 is a bug of ours; 502 and 503 mean that another server is away. */
function levelOf(req: IncomingMessage, { statusCode }: ServerResponse) {
  if (statusCode < 500) return isAsset(req) ? 'debug' : 'info';
  return statusCode === 500 ? 'error' : 'warn';
}

/** One line per request: never a header, a body, a query or a cookie. */
export const requestLog = (logger: Logger): RequestHandler =>
  pinoHttp({
    logger,
    genReqId: requestId,
    wrapSerializers: false,
    serializers: {
      req: (req: IncomingMessage) => ({ id: req.id, method: req.method, path: pathOf(req.url) }),
      res: (res: ServerResponse) => ({ status: res.statusCode }),
    },
    autoLogging: { ignore: isProbe },
    customLogLevel: levelOf,
    // Called at the beginning, too, when nothing is known yet.
    customProps: (_req, res) => ('locals' in res ? Object(res.locals).traceIds : undefined),
    customErrorMessage: (_req, res) =>
      res.statusCode === 500 ? 'request errored' : 'request not served',
  });
