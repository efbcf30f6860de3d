import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { LIMITS } from '../../contract/limits.js';
import { unreadable } from '../../entities/errors.js';
import { mayBeModest } from '../../validation/payload-size.js';
import { hasBody } from '../../validation/request-body.js';
import { tooLarge } from '../../validation/validate.js';

const JSON_TYPE = 'application/json';
/** Names of the charset of every JSON text (RFC 8259, 8.1), or of a subset of it. */
const UTF8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const CHARSET = /;\s*charset\s*=\s*["']?([^"';\s]*)/i;

const typeOf = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * The only place that decides how a body is read. The parser after it gets headers that it cannot interpret
 * differently.
 */
export const judgeJson: RequestHandler = (req, _res, next) => {
  if (!hasBody(req.headers) || typeOf(req) !== JSON_TYPE) return next();
  const charset = CHARSET.exec(req.headers['content-type'] ?? '')?.[1] || 'utf-8';
  if (!UTF8.has(charset.toLowerCase())) throw unreadable('Content-Type', 'body.charset');
  // A small body may decompress to a large one, so its cost would be unknown.
  const encoding = req.headers['content-encoding']?.trim() || 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw unreadable('Content-Encoding', 'body.encoding');
  }
  req.headers['content-type'] = JSON_TYPE;
  delete req.headers['content-encoding'];
  return next();
};

/** Reads JSON in UTF-8. It ignores a body of another type; an endpoint that needs a body refuses it. */
export const jsonBody = (): RequestHandler[] => [
  judgeJson,
  express.json({
    limit: LIMITS.payloadBytes,
    strict: false,
    inflate: false,
    type: JSON_TYPE,
    verify(_req, _res, text) {
      if (!mayBeModest(text)) throw tooLarge();
    },
  }),
];

/** @throws AppError `malformed_json` if there is a body that was not sent as JSON */
export function requireRead(req: IncomingMessage & { body?: unknown }): void {
  if (req.body === undefined && hasBody(req.headers)) throw unreadable('Content-Type', 'body.type');
}
