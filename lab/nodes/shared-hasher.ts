import { createPasswordHasher } from '../../src/adapters/bcrypt/password-hasher.js';
import type { Config } from '../../src/config/config.js';
import type { PasswordHasher } from '../../src/ports/password-hasher.js';

/** bcrypt's lowest cost, that of nearly all tests. */
const COST = 4;
const state: { hasher: PasswordHasher | null } = { hasher: null };

/** The threads of a hasher cost more to start than all else in a node. So the nodes of a process share one. */
export function sharedHasher({ auth }: Config): { hasher?: PasswordHasher } {
  if (auth.bcryptCost !== COST) return {};
  state.hasher ??= createPasswordHasher({ cost: COST });
  return { hasher: state.hasher };
}

/** Call it at the end of a run. */
export async function stopSharedHasher(): Promise<void> {
  const { hasher } = state;
  state.hasher = null;
  await hasher?.stop();
}
