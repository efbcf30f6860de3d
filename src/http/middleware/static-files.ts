import type { ServerResponse } from 'node:http';
import { basename, relative, sep } from 'node:path';
import express, { type Request, type RequestHandler } from 'express';
import packedFiles from 'express-static-gzip';

const YEAR_S = 31_536_000;
/** The files that the bundler writes. */
const BUILT: ReadonlySet<string> = new Set(['assets', 'references']);
/** `name-HASH.ext`: the bundler's name for files whose name changes with their content. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;

function cacheControl(publicDir: string, file: string): string {
  const [folder = ''] = relative(publicDir, file).split(sep);
  const immutable = BUILT.has(folder) && HASHED.test(basename(file));
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
    // The response instead of a file that has gone is not packed.
    const instead = (error?: unknown) => {
      res.removeHeader('Content-Encoding');
      res.removeHeader('Content-Type');
      next(error);
    };
    const vary = res.getHeader('Vary');
    const serve = isDecodable(req.path) ? packed : plain;
    serve(req, res, instead);
    // Serving replaces `Vary`, so what the response depends on already is added again.
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

/** Serves a file, which lies elsewhere below the public directory, under an address of its own. */
export const fileAt =
  (files: RequestHandler, pathOf: (req: Request) => string): RequestHandler =>
  (req, res, next) => {
    const { url } = req;
    req.url = pathOf(req);
    files(req, res, (error?: unknown) => {
      req.url = url;
      next(error);
    });
  };

/** The page's service worker has an address at the root, so that it is in charge of the whole page. */
export function serviceWorker(files: RequestHandler): RequestHandler {
  const serve = fileAt(files, () => '/assets/sw.js');
  return (req, res, next) => (req.path === '/sw.js' ? serve(req, res, next) : next());
}
