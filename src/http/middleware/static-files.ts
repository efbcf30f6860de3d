import type { ServerResponse } from 'node:http';
import { basename, relative, sep } from 'node:path';
import express, { type RequestHandler } from 'express';
import packedFiles from 'express-static-gzip';

const YEAR_S = 31_536_000;
/** `name-HASH.ext`: the bundler's name for files whose name changes with their content. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;

function cacheControl(publicDir: string, file: string): string {
  const inAssets = relative(publicDir, file).split(sep)[0] === 'assets';
  const immutable = inAssets && HASHED.test(basename(file));
  return immutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache';
}

/**
 * The page's files, packed as the browser accepts it where the build has packed them. Hashed files are cached for ever,
 * the others are revalidated each time.
 */
export function staticFiles(publicDir: string): RequestHandler {
  const options = {
    index: false as const,
    redirect: false,
    acceptRanges: false,
    cacheControl: false,
    setHeaders: (res: ServerResponse, file: string) => {
      res.setHeader('Cache-Control', cacheControl(publicDir, file));
    },
  };
  const packed = packedFiles(publicDir, {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    index: false,
    serveStatic: options,
  });
  const plain = express.static(publicDir, options);
  return (req, res, next) => {
    // What responds instead of a file that has gone is not packed.
    const instead = (error?: unknown) => {
      res.removeHeader('Content-Encoding');
      res.removeHeader('Content-Type');
      next(error);
    };
    const vary = res.getHeader('Vary');
    const serve = isDecodable(req.path) ? packed : plain;
    serve(req, res, instead);
    // It replaces what the response depends on already.
    if (vary !== undefined && !res.headersSent) res.vary(String(vary));
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
