import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Problem } from '../../contract/errors.js';
import { type Language, pickLanguage } from '../../contract/language.js';
import { AppError, notFound } from '../../entities/errors.js';
import { problemHeaders, toAppError, toProblem } from '../problem.js';

export const unknownRoute: RequestHandler = (_req, _res, next) => next(notFound());

function send(res: Response, problem: Problem, language: Language): void {
  res.vary('Accept-Language');
  res.status(problem.status).set(problemHeaders(problem, language)).json(problem);
}

/** The one place where REST errors become responses. Express recognises it by its four parameters. */
export const errorHandler: ErrorRequestHandler = (thrown: unknown, req, res, next) => {
  const error = toAppError(thrown);
  const language = pickLanguage(req.headers['accept-language']);
  const problem = toProblem(error, language, String(req.id));
  if (problem.status >= 500) res.err = thrown instanceof Error ? thrown : new AppError('internal');
  if (res.headersSent) next(thrown);
  else send(res, problem, language);
};
