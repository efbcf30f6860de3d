import type { IncomingMessage } from 'node:http';
import cors, { type CorsOptions } from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { HttpDeps } from '../deps.js';

const SELF = ["'self'"];
const NONE = ["'none'"];

/** Older browsers do not count websockets to the page's own host as 'self'. */
function ownSockets({ headers: { host = '' } }: IncomingMessage): string {
  return /^[\w.:[\]-]+$/.test(host) ? `ws://${host} wss://${host}` : "'self'";
}

/** Headers that isolate the page. Those that need TLS are sent only if cookies need it too. */
export const securityHeaders = (secure: boolean): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: SELF,
        baseUri: NONE,
        connectSrc: [...SELF, ownSockets],
        fontSrc: SELF,
        formAction: SELF,
        frameAncestors: NONE,
        imgSrc: [...SELF, 'data:'],
        objectSrc: NONE,
        scriptSrc: SELF,
        scriptSrcAttr: NONE,
        styleSrc: SELF,
        // Text becomes markup only through the sanitizer's own policy. The other one names the service worker.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['dompurify', 'parley-worker'],
        upgradeInsecureRequests: secure ? [] : null,
      },
    },
    crossOriginEmbedderPolicy: true,
    originAgentCluster: secure,
    // Some browsers send `Origin: null` from the page's own forms with `no-referrer`.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure,
    xFrameOptions: { action: 'deny' },
  });

/** Configured origins may call with cookies, app origins with tokens only; all others get no CORS headers. */
export function crossOrigin({ corsOrigins, bodyTokenOrigins }: HttpDeps['config']['http']) {
  const shared: CorsOptions = {
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['Link', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  };
  return cors<IncomingMessage>((req, decide) => {
    const { origin = '' } = req.headers;
    const credentials = corsOrigins.includes(origin);
    const allowed = credentials || bodyTokenOrigins.includes(origin);
    decide(null, { ...shared, credentials, origin: allowed ? origin : false });
  });
}
