import type { Request, Response } from 'express';
import type { CallSpan, Tracing } from '../ports/tracing.js';
import { onClosed } from './on-closed.js';

/** The path as it is written in the routes, without values. */
const routeOf = ({ baseUrl, route }: Request): string =>
  `${baseUrl}${route?.path === '/' ? '' : (route?.path ?? '')}`;

/** Begins the span of a call that may ask a model. It ends with the response; the line of the request gets its ids. */
export function traceCall(
  tracing: Pick<Tracing, 'request'>,
  req: Request,
  res: Response,
): CallSpan {
  const { method } = req;
  const span = tracing.request({ method, route: routeOf(req), parent: req.get('traceparent') });
  if (span.trace === null) return span;
  res.locals.traceIds = span.ids;
  onClosed(res, () => span.end({ status: res.statusCode }));
  return span;
}
