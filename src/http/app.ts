import cookieParser from 'cookie-parser';
import express, { type Express } from 'express';
import { Credentials, refuseKeys } from './credentials.js';
import type { HttpDeps } from './deps.js';
import { createEndpoints } from './endpoint.js';
import { metricsRoute } from './metrics.js';
import { errorHandler, unknownRoute } from './middleware/error-handler.js';
import { jsonBody } from './middleware/json-body.js';
import { requestLog } from './middleware/request-log.js';
import { crossOrigin, securityHeaders } from './middleware/security.js';
import { serviceWorker, staticFiles } from './middleware/static-files.js';
import { adminRoutes } from './routes/admin-routes.js';
import { authRoutes } from './routes/auth-routes.js';
import { chatRoutes } from './routes/chat-routes.js';
import { conversationRoutes } from './routes/conversation-routes.js';
import { importRoutes } from './routes/import-routes.js';
import { keyRoutes } from './routes/key-routes.js';
import { messageRoutes } from './routes/message-routes.js';
import { referenceRoutes } from './routes/reference-routes.js';
import { rootRoutes } from './routes/root-routes.js';
import { searchRoutes } from './routes/search-routes.js';
import { sessionRoutes } from './routes/session-routes.js';
import { usageRoutes } from './routes/usage-routes.js';
import { userRoutes } from './routes/user-routes.js';
import { v1Routes } from './routes/v1-routes.js';
import { webhookRoutes } from './routes/webhook-routes.js';

/** The REST surface and the page. */
export function createHttpApp(deps: HttpDeps): Express {
  const { config, logger, publicDir } = deps;
  const credentials = new Credentials(deps);
  const endpoints = createEndpoints(deps, credentials);
  const app = express();
  app.disable('x-powered-by');
  // Responses are not cached, so an ETag would be useless, and it costs a hash of each response.
  app.disable('etag');
  app.set('trust proxy', config.http.trustProxy);

  app.use(requestLog(logger));
  app.use(securityHeaders(config.auth.cookieSecure));
  app.use(crossOrigin(config.http));
  app.use(cookieParser());
  app.use('/agent/imports', importRoutes(deps, endpoints));
  app.use('/v1', v1Routes(deps));
  app.use(jsonBody());

  app.use(rootRoutes(deps));
  if (deps.metrics) app.use(metricsRoute(deps.metrics.source, deps.metrics.token));
  app.use('/auth', refuseKeys, authRoutes(deps, endpoints, credentials));
  app.use('/users', userRoutes(deps, endpoints, credentials));
  app.use('/admin', adminRoutes(deps, endpoints));
  app.use('/users/me', sessionRoutes(deps, endpoints, credentials));
  app.use('/users/me', keyRoutes(deps, endpoints));
  app.use('/users/me', webhookRoutes(deps, endpoints));
  app.use(usageRoutes(deps, endpoints));
  app.use('/agent/conversations', conversationRoutes(deps, endpoints));
  app.use('/agent/messages', messageRoutes(deps, endpoints));
  app.use('/agent', searchRoutes(deps, endpoints));
  app.use('/agent', chatRoutes(deps, endpoints));
  const files = staticFiles(publicDir);
  app.use(referenceRoutes(files));
  app.use(serviceWorker(files));
  app.use(files);
  app.use(unknownRoute);
  app.use(errorHandler);
  return app;
}
