import type { IncomingMessage } from 'node:http';
import type { Logger } from '../domain/logger.js';
import { isAllowedOrigin, type OriginRules } from './origin-policy.js';
import type { ProxyReader } from './proxy.js';

/** Headers that a proxy may have left out, with the remedy. */
const HINTS = {
  host: 'refused a page of another origin: no X-Forwarded-Host came, and Host names another host. If the page is yours, let the proxy pass the host: in nginx `proxy_set_header Host $http_host;`',
  trust:
    'refused a page of another origin: X-Forwarded-Host came from a proxy that is not trusted. If the proxy is yours, set TRUST_PROXY',
  origins:
    'refused a page of another origin: X-Forwarded-Host names another host. If the page is yours, let the proxy pass the host that the browser asked for, or list the page in CORS_ORIGINS',
  origin:
    "refused a page of unknown origin: the browser's request has no Origin. If the page is yours, let the proxy pass the header Origin",
} as const;

type Cause = keyof typeof HINTS;

/** Decides whether a request may use the user's cookies. Logs once per cause what a proxy may have left out. */
export class OriginGuard {
  #proxy: Pick<ProxyReader, 'hostOf' | 'forwardedHost'>;
  #rules: OriginRules;
  #logger: Logger;
  #told = new Set<Cause>();

  constructor(
    proxy: Pick<ProxyReader, 'hostOf' | 'forwardedHost'>,
    rules: OriginRules,
    logger: Logger,
  ) {
    this.#proxy = proxy;
    this.#rules = rules;
    this.#logger = logger;
  }

  allows(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    const allowed = isAllowedOrigin(origin, this.#proxy.hostOf(request), this.#rules);
    if (!allowed) this.#hint(request);
    return allowed;
  }

  #hint(request: IncomingMessage): void {
    const cause = this.#causeOf(request);
    if (!cause || this.#told.has(cause)) return;
    this.#told.add(cause);
    this.#logger.warn({ code: 'origin_not_allowed' }, HINTS[cause]);
  }

  /** Null if the browser itself reports another site's page: such requests are common. */
  #causeOf(request: IncomingMessage): Cause | null {
    const { origin, 'sec-fetch-site': site } = request.headers;
    if (site === 'cross-site' || origin === 'null') return null;
    if (origin === undefined) return site === 'same-origin' ? 'origin' : null;
    const forwarded = this.#proxy.forwardedHost(request);
    if (forwarded.host === undefined) return 'host';
    return forwarded.trusted ? 'origins' : 'trust';
  }
}
