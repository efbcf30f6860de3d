import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { LIMITS } from '../../contract/limits.js';
import { unreadable } from '../../domain/errors.js';
import { hasBody } from '../../domain/request-body.js';

const JSON_TYPE = 'application/json';
/** Names of what every JSON text is in (RFC 8259, 8.1), or of a part of it. */
const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const CHARSET = /;\s*charset\s*=\s*["']?([^"';\s]*)/i;

const typeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The one reading of what a body is: whatever the parser below would make of the same headers. */
const judge: RequestHandler = (req, _res, next) => {
  if (!hasBody(req.headers) || typeOf(req) !== JSON_TYPE) return next();
  const charset = CHARSET.exec(req.headers['content-type'] ?? '')?.[1] || 'utf-8';
  if (!UTF8.has(charset.toLowerCase())) throw unreadable('Content-Type', 'body.charset');
  // What is small on the way may be large here, and what it costs could not be known.
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw unreadable('Content-Encoding', 'body.encoding');
  }
  req.headers['content-type'] = JSON_TYPE;
  delete req.headers['content-encoding'];
  return next();
};

/** Reads JSON in UTF-8, as it is; what is sent as another type is left for whoever needs a body to refuse. */
export const jsonBody = (): RequestHandler[] => [
  judge,
  express.json({ limit: LIMITS.payloadBytes, strict: false, inflate: false, type: JSON_TYPE }),
];

/** @throws AppError `malformed_json` when there is a body that was not read, as it was not sent as JSON */
export function requireRead(req: IncomingMessage & { body?: unknown }): void {
  if (req.body === undefined && hasBody(req.headers)) throw unreadable('Content-Type', 'body.type');
}
