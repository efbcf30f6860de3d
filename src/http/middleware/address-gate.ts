import type { RequestHandler } from 'express';
import { addressKey } from '../../domain/address.js';
import { type AddressBuckets, costOfRequest } from '../../domain/address-buckets.js';
import { rateLimited } from '../../domain/errors.js';

/** Refuses what an address asks for beyond its limit, before a body is read. */
export const addressGate =
  (requests: AddressBuckets): RequestHandler =>
  (req, _res, next) => {
    const waitMs = requests.take(addressKey(req.ip ?? ''), costOfRequest(req.headers));
    next(waitMs > 0 ? rateLimited(waitMs) : undefined);
  };
