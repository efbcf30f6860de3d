import type { ScopeNeed } from '../../contract/scopes.js';
import type { Principal } from '../../entities/entities.js';
import { forbidden } from '../../entities/errors.js';

type Scoped = Pick<Principal, 'scopes'>;

/**
 * The only guard of scopes, for REST and sockets. They never change, so once is enough.
 * @throws AppError `forbidden`
 */
export function requireScopes({ scopes }: Scoped, need: ScopeNeed): void {
  if (scopes === null || need.some((all) => all.every((scope) => scopes.has(scope)))) return;
  throw forbidden();
}

/** A key that may not read everything reads only the answers that it asked for. */
export const readsAll = ({ scopes }: Scoped): boolean => scopes === null || scopes.has('read');
