import { ParleyError } from '../../../client/index.js';

/** A refusal of the page's own, in words for the user. */
export const told = (message: string) =>
  new ParleyError({ code: 'conflict', message, retryable: false, reason: 'told' });

/** A conflict says more here than elsewhere. */
export const explained =
  (said: string) =>
  (error: unknown): never => {
    throw error instanceof ParleyError && error.code === 'conflict' ? told(said) : error;
  };
