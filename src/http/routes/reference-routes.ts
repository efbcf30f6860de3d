import { type Request, type RequestHandler, Router } from 'express';
import { type Language, pickLanguage } from '../../contract/language.js';
import { fileAt } from '../middleware/static-files.js';

/** The page in the language of a link on it, else in that of the browser. */
function languageOf({ query, headers }: Request): Language {
  const { language } = query;
  return language === 'en' || language === 'zh'
    ? language
    : pickLanguage(headers['accept-language']);
}

const file = (files: RequestHandler, nameOf: (req: Request) => string): RequestHandler =>
  fileAt(files, (req) => `/references/${nameOf(req)}`);

const inLanguage: RequestHandler = (_req, res, next) => {
  res.vary('Accept-Language');
  next();
};

/** The contract for programs and for people. `files`: those of the public directory. */
export function referenceRoutes(files: RequestHandler): Router {
  const page = file(files, (req) => `docs.${languageOf(req)}.html`);
  return Router()
    .get(
      '/openapi.json',
      file(files, () => 'openapi.json'),
    )
    .get(
      '/asyncapi.json',
      file(files, () => 'asyncapi.json'),
    )
    .use('/docs', inLanguage)
    .get('/docs', page);
}
