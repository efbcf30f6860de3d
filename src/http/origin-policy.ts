export interface OriginRules {
  corsOrigins: readonly string[];
}

export interface BrowserRules {
  bodyTokenOrigins: readonly string[];
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** Compares after parsing, so that case and default ports do not matter. */
function isOwnHost({ protocol, host }: URL, requestHost: string): boolean {
  const web = protocol === 'http:' || protocol === 'https:';
  return web && parse(`${protocol}//${requestHost}`)?.host === host;
}

/** Whether a page of `origin` may use the user's cookies: it is the request's own host, or a configured origin. */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  rules: OriginRules,
): boolean {
  if (origin === undefined) return false;
  if (rules.corsOrigins.includes(origin)) return true;
  const url = parse(origin);
  return url !== null && host !== undefined && isOwnHost(url, host);
}

/**
 * Polling begins with a GET, for which a browser sends no origin if a page asks its own server. A foreign page can
 * send one too, but cannot read the session id in the response, which all further requests need.
 */
export function isOwnPoll(headers: {
  origin?: string | undefined;
  upgrade?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
}): boolean {
  const { origin, upgrade, 'sec-fetch-site': site = 'same-origin' } = headers;
  return origin === undefined && upgrade === undefined && site === 'same-origin';
}

/** Browsers get tokens only as cookies. Apps in a web view that are known by their origin count as other clients. */
export function isBrowser(
  headers: { origin: string | undefined; secFetchSite: string | undefined },
  rules: BrowserRules,
): boolean {
  const { origin, secFetchSite } = headers;
  if (origin !== undefined && rules.bodyTokenOrigins.includes(origin)) return false;
  return origin !== undefined || secFetchSite !== undefined;
}
