import { EVENT_PERMISSIONS, type Permission } from '../../src/contract/permissions.js';

export interface LostRight {
  what: string;
  /** Runs on the user `$1` behind the product's back, without a notice. */
  sql: string;
  /** The code for a call that needs this permission; empty if it succeeds. */
  code(permission: Permission | null): string;
}

const always = (code: string) => () => code;

/** All ways in which a right ends. */
export const LOST_RIGHTS: readonly LostRight[] = [
  {
    what: 'the session is revoked',
    sql: 'UPDATE sessions SET revoked_at = now() WHERE user_id = $1',
    code: always('session_revoked'),
  },
  {
    what: 'the session has run out',
    sql: `UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
    code: always('session_revoked'),
  },
  {
    what: 'the account is disabled',
    sql: 'UPDATE users SET is_active = false WHERE id = $1',
    code: always('account_disabled'),
  },
  {
    what: 'the roles are taken',
    sql: 'DELETE FROM user_roles WHERE user_id = $1',
    code: (permission) => (permission === null ? '' : 'forbidden'),
  },
  {
    what: 'the account is deleted',
    sql: 'DELETE FROM users WHERE id = $1',
    code: always('session_revoked'),
  },
];

/** The same for a key. */
export const LOST_KEY_RIGHTS: readonly LostRight[] = [
  {
    what: 'the key is revoked',
    sql: 'UPDATE api_keys SET revoked_at = now() WHERE user_id = $1',
    code: always('key_revoked'),
  },
  {
    what: 'the key has run out',
    sql: `UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
    code: always('key_revoked'),
  },
  ...LOST_RIGHTS.slice(2, 4),
  {
    what: 'the account is deleted',
    sql: 'DELETE FROM users WHERE id = $1',
    code: always('key_revoked'),
  },
];

export const permissionOf = (event: string): Permission | null =>
  Object.entries(EVENT_PERMISSIONS).find(([name]) => name === event)?.[1] ?? null;
