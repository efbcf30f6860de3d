import { basename, relative, sep } from 'node:path';
import express, { type RequestHandler } from 'express';

const YEAR_S = 31_536_000;
/** `name-HASH.ext`: the bundler's name for files whose name changes with their content. */
const HASHED = /-[A-Z0-9]{8}\.[a-z0-9.]+$/;

function cacheControl(publicDir: string, file: string): string {
  const inAssets = relative(publicDir, file).split(sep)[0] === 'assets';
  const immutable = inAssets && HASHED.test(basename(file));
  return immutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache';
}

/** The page's files. Hashed files are cached for ever, the others are revalidated each time. */
export const staticFiles = (publicDir: string): RequestHandler =>
  express.static(publicDir, {
    index: false,
    redirect: false,
    acceptRanges: false,
    cacheControl: false,
    setHeaders: (res, file) => res.setHeader('Cache-Control', cacheControl(publicDir, file)),
  });
