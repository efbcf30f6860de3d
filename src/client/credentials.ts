import type { WireError } from '../contract/errors.js';
import { ParleyError } from './parley-error.js';
import type { Rest } from './rest.js';

const ENDED: WireError = {
  code: 'token_expired',
  message: 'The access token ended and no `refresh` was given',
  retryable: false,
};

/** Where a connection's right comes from: a token that is handed over, or the cookies of a browser. */
export interface Credentials {
  /** The access token of this moment; null with cookies. */
  token(): string | null;
  handshake(): { token?: string };
  /** Gets fresh ones; calls at the same time share one request. Rejects when the session is over. */
  renew(): Promise<void>;
}

export interface CredentialOptions {
  token?: string;
  /** Gives a new access token; without it the cookies are refreshed. */
  refresh?: () => Promise<string>;
}

export function createCredentials(options: CredentialOptions, rest: () => Rest): Credentials {
  let token = options.token ?? null;
  let renewing: Promise<void> | null = null;

  const renew = async (): Promise<void> => {
    if (options.refresh !== undefined) token = await options.refresh();
    else if (token === null) await rest().refresh();
    else throw new ParleyError(ENDED);
  };

  return {
    token: () => token,
    handshake: () => (token === null ? {} : { token }),
    renew: () => {
      renewing ??= renew().finally(() => {
        renewing = null;
      });
      return renewing;
    },
  };
}
