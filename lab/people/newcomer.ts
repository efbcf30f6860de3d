import type { TestApp } from '../nodes/app.js';
import type { Cluster } from '../nodes/cluster.js';

/**
 * Makes the database of a test as good as new. Otherwise it counts as used, so that a person who registers becomes an
 * ordinary user.
 */
export async function forgetAccounts(at: Pick<TestApp | Cluster, 'rows'>): Promise<void> {
  await at.rows('DELETE FROM users');
  await at.rows('UPDATE deployment SET first_account_at = NULL');
}

/** The registration of a new person. */
export const newcomer = (username: string, more: { email?: string; invitation?: string } = {}) => ({
  email: `${username}@example.com`,
  username,
  password: 'SecurePass123!',
  ...more,
});
