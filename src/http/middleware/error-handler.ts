import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Problem } from '../../contract/errors.js';
import { type Language, pickLanguage } from '../../contract/language.js';
import { AppError, notFound } from '../../domain/errors.js';
import { toAppError, toProblem } from '../problem.js';

const LANGUAGE_TAG: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

export const unknownRoute: RequestHandler = (_req, _res, next) => next(notFound());

function send(res: Response, problem: Problem, language: Language): void {
  if (problem.retry_after_ms !== undefined) {
    res.set('Retry-After', String(Math.ceil(problem.retry_after_ms / 1000)));
  }
  if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer');
  res.vary('Accept-Language');
  res.set({ 'Cache-Control': 'no-store', 'Content-Language': LANGUAGE_TAG[language] });
  res.status(problem.status).type('application/problem+json').json(problem);
}

/** The one place where REST errors become answers. Express recognises it by its four parameters. */
export const errorHandler: ErrorRequestHandler = (thrown: unknown, req, res, next) => {
  const error = toAppError(thrown);
  const language = pickLanguage(req.headers['accept-language']);
  const problem = toProblem(error, language, String(req.id));
  if (problem.status >= 500) res.err = thrown instanceof Error ? thrown : new AppError('internal');
  if (res.headersSent) next(thrown);
  else send(res, problem, language);
};
