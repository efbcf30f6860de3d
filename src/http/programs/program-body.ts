import express, { type Request, type RequestHandler, type Response } from 'express';
import { LIMITS } from '../../contract/limits.js';
import { AppError } from '../../entities/errors.js';
import { mayBeModest } from '../../validation/payload-size.js';
import { hasBody } from '../../validation/request-body.js';
import { tooLarge } from '../../validation/validate.js';
import type { InTurn, LargeWork } from '../large-work.js';
import { type LongTimes, takesLong } from '../long-requests.js';
import { judgeJson, requireRead } from '../middleware/json-body.js';

/** Enough for 20 MB on a slow line. */
const TIMES: LongTimes = { totalMs: 300_000, idleMs: 15_000 };
const MOST = { values: LIMITS.completionValues, depth: LIMITS.completionDepth };

/** Bytes that the body may have. @throws AppError `payload_too_large` */
export function announcedBytes({ headers }: Request): number {
  if (!hasBody(headers)) return 0;
  const length = headers['content-length'];
  const bytes = length === undefined ? LIMITS.completionBytes : Number(length);
  if (bytes > LIMITS.completionBytes) throw new AppError('payload_too_large');
  return bytes;
}

const handled = (handler: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    handler(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
  });

export interface GivenBody {
  value: unknown;
  bytes: number;
  /** Runs work that costs as much as reading it. */
  inTurn: InTurn;
}

const atOnce: InTurn = async (work) => work();

/** Bodies up to this size are parsed at once. */
const SMALL = LIMITS.payloadBytes;

/** @throws AppError `malformed_json`, `validation_failed` for too many values */
function parse(text: Buffer): unknown {
  if (!mayBeModest(text, MOST)) throw tooLarge(MOST.values, MOST.depth);
  try {
    return JSON.parse(text.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new AppError('malformed_json', { cause });
  }
}

/**
 * Reads a large JSON body, of which nothing was read before its sender was known.
 * @throws AppError `malformed_json`, `payload_too_large`, `validation_failed` for too many values; the reason of `signal`
 */
export async function readBody(
  req: Request,
  res: Response,
  signal: AbortSignal,
  large: LargeWork,
): Promise<GivenBody> {
  const take = express.raw({
    ...{ limit: LIMITS.completionBytes, inflate: false, type: 'application/json' },
  });
  const read = async () => {
    await handled(judgeJson, req, res);
    await handled(take, req, res);
  };
  const release = takesLong(req, TIMES);
  try {
    await Promise.race([read(), ended(signal)]);
  } finally {
    release();
  }
  requireRead(req);
  const text: unknown = req.body;
  req.body = undefined;
  if (!Buffer.isBuffer(text) || text.length === 0) return { value: {}, bytes: 0, inTurn: atOnce };
  const bytes = text.length;
  const inTurn: InTurn = bytes > SMALL ? (work) => large.run(work, signal) : atOnce;
  return { value: await inTurn(() => parse(text)), bytes, inTurn };
}
