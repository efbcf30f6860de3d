import { type AdminRest, createAdminRest, type Rest } from '../../../client/index.js';

/** The model may have to be loaded first. */
const TIMEOUT_MS = 70_000;

/** Calls of administrators. A call of `rest` renews the cookies, if they have expired. */
export const openAdminRest = (language: () => string, rest: Pick<Rest, 'me'>): AdminRest =>
  createAdminRest({
    ...{ url: '', token: () => null, language, timeoutMs: TIMEOUT_MS },
    renew: async () => {
      await rest.me();
    },
  });
