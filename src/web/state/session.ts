import { type ReadonlySignal, signal } from '@preact/signals';
import { ParleyError } from '../../client/parley-error.js';
import type { Rest } from '../../client/rest/rest.js';
import type { LoginBody, RegisterBody, User } from '../../contract/accounts.js';
import type { ErrorCode } from '../../contract/errors.js';
import { readJson, type Storage } from './device/storage.js';

/** The user who is logged in on this browser. The tokens are cookies that scripts cannot see; this is only the name. */
export interface Session {
  user: ReadonlySignal<User | null>;
  /** Why the last session ended without a logout. */
  endedBy: ReadonlySignal<ErrorCode | null>;
  logIn(body: LoginBody): Promise<void>;
  register(body: RegisterBody): Promise<User>;
  logOut(): Promise<void>;
  ended(code: ErrorCode): void;
}

const USER_KEY = 'parley:user';

export function createSession(rest: Rest, storage: Storage): Session {
  const user = signal(readUser(storage));
  const endedBy = signal<ErrorCode | null>(null);
  const enter = (next: User) => {
    storage.set(USER_KEY, JSON.stringify(next));
    endedBy.value = null;
    user.value = next;
  };
  const leave = (code: ErrorCode | null) => {
    storage.remove(USER_KEY);
    endedBy.value = code;
    user.value = null;
  };
  followOtherTabs(() => {
    const next = readUser(storage);
    if (next?.id !== user.value?.id) user.value = next;
  });
  return {
    user,
    endedBy,
    logIn: async (body) => enter((await rest.login(body)).user),
    register: async (body) => {
      const { user: next } = await rest.register(body);
      enter(next);
      return next;
    },
    logOut: async () => {
      await rest.logout().catch(rethrowUnlessEnded);
      leave(null);
    },
    ended: leave,
  };
}

function followOtherTabs(changed: () => void): void {
  addEventListener('storage', (event) => {
    if (event.key === USER_KEY || event.key === null) changed();
  });
}

/** Logging out of a session that has already ended succeeds. */
function rethrowUnlessEnded(error: unknown): void {
  if (!(error instanceof ParleyError) || error.retryable) throw error;
}

/** The user who is logged in now, as all tabs of the browser know it. */
export function readUser(storage: Storage): User | null {
  const value = readJson(storage, USER_KEY);
  const known = typeof value === 'object' && value !== null && 'id' in value && 'username' in value;
  return known ? (value as User) : null;
}
