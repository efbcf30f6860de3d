import { type RequestHandler, Router } from 'express';
import type { ServiceInfo } from '../../contract/rest.js';
import type { HttpDeps } from '../deps.js';

/** Sends the page to browsers, and a few words to everybody else. */
function root({ config, publicDir }: HttpDeps): RequestHandler {
  const { name, version } = config.app;
  const info: ServiceInfo = { name, version, status: 'running' };
  return (req, res, next) => {
    res.vary('Accept').set('Cache-Control', 'no-cache');
    if (req.accepts(['json', 'html']) !== 'html') {
      res.json(info);
      return;
    }
    res.sendFile(
      'assets/index.html',
      { root: publicDir, acceptRanges: false, cacheControl: false },
      (error) => {
        if (error && !res.headersSent) next(error);
      },
    );
  };
}

const alive: RequestHandler = (_req, res) => {
  res.set('Cache-Control', 'no-store').json({ status: 'healthy' });
};

function ready({ readiness }: HttpDeps): RequestHandler {
  return async (_req, res) => {
    const report = await readiness();
    const status = report.status === 'unready' ? 503 : 200;
    res.set('Cache-Control', 'no-store').status(status).json(report);
  };
}

export const rootRoutes = (deps: HttpDeps): Router =>
  Router()
    .get('/', root(deps))
    .get(['/health', '/health/live'], alive)
    .get('/health/ready', ready(deps));
