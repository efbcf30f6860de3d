import type { WireError } from '../../contract/errors.js';
import { ParleyError } from '../parley-error.js';
import type { Rest } from './rest.js';
import type { Tabs } from './shared-refresh.js';

const ENDED: WireError = {
  code: 'token_expired',
  message: 'There is no `refresh`',
  retryable: false,
};

/** A connection's credentials: a given token, or the cookies of a browser. */
export interface Credentials {
  /** The current access token; null with cookies. */
  token(): string | null;
  handshake(): { token?: string };
  /**
   * Refreshes the credentials, unless that was done after `thanMs`, a moment of `performance.now()`: the clock may be set
   * back. Simultaneous calls share one request, in all tabs of a browser. Rejects when the session is over.
   */
  renew(thanMs?: number): Promise<void>;
  /** Listens to other tabs while in use. */
  open(): void;
  close(): void;
}

/** The credentials of the client. A browser's cookies are used if both are missing. */
export interface CredentialOptions {
  /** An access token, or a key (`pk_…`), which needs no `refresh`. */
  token?: string;
  /** Returns a new access token. Without it the cookies are refreshed. */
  refresh?: () => Promise<string>;
  /** Lets all tabs of a browser with cookies share one refresh. See `shareRefresh`. */
  tabs?: Tabs;
}

export function createCredentials(options: CredentialOptions, rest: () => Rest): Credentials {
  let token = options.token ?? null;
  let renewing: Promise<void> | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const byCookies = token === null && options.refresh === undefined;
  const tabs = byCookies ? options.tabs : undefined;
  const refreshCookies = async () => (await rest().refresh()).expires_in;

  const renew = async (): Promise<void> => {
    if (options.refresh !== undefined) token = await options.refresh();
    else if (byCookies) await (tabs?.run(refreshCookies) ?? refreshCookies());
    else throw new ParleyError(ENDED);
  };

  return {
    token: () => token,
    handshake: () => (token === null ? {} : { token }),
    renew: async (thanMs = performance.now()) => {
      if (renewedAt > thanMs) return;
      renewing ??= renew().finally(() => {
        renewing = null;
      });
      await renewing;
      renewedAt = performance.now();
    },
    open: () => tabs?.open(),
    close: () => tabs?.close(),
  };
}
