import type { Readable } from 'node:stream';
import { Router } from 'express';
import { CALL_SCOPES } from '../../contract/scopes.js';
import { AppError } from '../../entities/errors.js';
import { FileProblem } from '../../ports/import-files.js';
import { hasBody } from '../../validation/request-body.js';
import { idParams } from '../../validation/schemas.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { receiveFile } from '../upload.js';

const WRITE = 'conversations:write';
const READ = 'conversations:read';
const ACCEPTED = 202;
/** A form has a little more than its file. */
const FORM_BYTES = 65_536;

const tooLarge = (error: unknown): never => {
  throw error instanceof FileProblem ? new AppError('payload_too_large', { cause: error }) : error;
};

/** Imports conversations of other products, and of this one. Its bodies are files, which no parser of JSON may take. */
export function importRoutes(
  { imports, importFiles, limit, config }: HttpDeps,
  { user }: Endpoints,
): Router {
  const { importMaxBytes } = config.limits;

  const begin = user(
    { permission: WRITE, status: ACCEPTED, scopes: CALL_SCOPES['POST /agent/imports'] },
    async ({ principal, req, res }) => {
      // A refused body is not read to its end.
      if (hasBody(req.headers)) res.set('Connection', 'close');
      await limit('import', String(principal.userId));
      const length = Number(req.headers['content-length'] ?? 0);
      if (length > importMaxBytes + FORM_BYTES) throw new AppError('payload_too_large');
      const store = (body: Readable) => importFiles.receive(body, importMaxBytes);
      const started = await imports
        .begin(principal, (signal) => receiveFile(req, store, signal))
        .catch(tooLarge);
      res.removeHeader('Connection');
      return started;
    },
  );

  const read = user(
    { permission: READ, params: idParams, scopes: CALL_SCOPES['GET /agent/imports/:id'] },
    async ({ principal, params }) => imports.get(principal.userId, params.id),
  );

  return Router().post('/', begin).get('/:id', read);
}
