import { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import type { OpenAIModel, OpenAIModelList } from '../../contract/openai.js';
import type { ModelInfo } from '../../contract/rest.js';
import { PROGRAM_SCOPES, type ScopeNeed } from '../../contract/scopes.js';
import type { HttpDeps } from '../deps.js';
import { ProgramError, toProgramProblem } from '../programs/openai-problem.js';
import { createProgramEndpoint } from '../programs/program-endpoint.js';
import { completionRoute, modelNotFound } from './v1-completions.js';

const READ = 'conversations:read';
const SERVER_ERROR = 500;

const toModel = ({ id, provider }: ModelInfo): OpenAIModel => ({
  id,
  object: 'model',
  created: 0,
  owned_by: provider,
});

const notAllowed =
  (allow: string): RequestHandler =>
  ({ method, baseUrl, path }) => {
    throw new ProgramError(
      405,
      { message: `Not allowed to ${method} on ${baseUrl}${path}.`, code: 'method_not_supported' },
      { Allow: allow },
    );
  };

const unknownUrl: RequestHandler = ({ method, baseUrl, path }) => {
  throw new ProgramError(404, {
    message: `Unknown request URL: ${method} ${baseUrl}${path === '/' ? '' : path}.`,
    code: 'unknown_url',
  });
};

/** Express recognises an error handler by its four parameters. */
const errorHandler: ErrorRequestHandler = (thrown: unknown, req, res, next) => {
  const { status, headers, body } = toProgramProblem(thrown, req.headers['accept-language']);
  if (status >= SERVER_ERROR)
    res.err = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (res.destroyed) return;
  if (res.headersSent) next(thrown);
  else res.vary('Accept-Language').status(status).set(headers).json(body);
};

/** The calls that programs know as OpenAI's API. Every error has its shape. */
export function v1Routes(deps: HttpDeps): Router {
  const { models, findModel } = deps;
  const endpoint = createProgramEndpoint(deps);

  const reading = (scopes: ScopeNeed, run: (name: string) => object) =>
    endpoint({ permission: READ, scopes }, async ({ req, res }) => {
      // Names of models may have slashes.
      const { id = '' } = req.params as { id?: string | string[] };
      res.set('Cache-Control', 'no-store').json(run([id].flat().join('/')));
    });

  const list = reading(PROGRAM_SCOPES['GET /v1/models'], (): OpenAIModelList => {
    return { object: 'list', data: models().map(toModel) };
  });
  const one = reading(PROGRAM_SCOPES['GET /v1/models/:id'], (name): OpenAIModel => {
    const id = findModel(name);
    const model = models().find((each) => each.id === id);
    if (!model) throw modelNotFound(name);
    return toModel(model);
  });

  return Router()
    .post('/chat/completions', completionRoute(deps, endpoint))
    .get('/models', list)
    .get('/models/*id', one)
    .all('/chat/completions', notAllowed('POST'))
    .all(['/models', '/models/*id'], notAllowed('GET, HEAD'))
    .use(unknownUrl)
    .use(errorHandler);
}
