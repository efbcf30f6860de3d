import { eventually } from '../eventually.js';
import type { TestApp } from '../nodes/app.js';
import type { Account } from '../people/rest.js';
import { createClient } from './client.js';

export interface HeldUser {
  /** Resolves when this many statements wait for the row. */
  waited(count: number): Promise<void>;
  /** Lets them continue, after an optional change of the user, whose id is `$1`. */
  release(change?: string): Promise<void>;
}

const WAITING = `
  SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** Resolves when this many statements wait for a lock. */
export async function lockWaits(app: TestApp, count: number): Promise<void> {
  const waiting = async () => (await app.rows<{ count: number }>(WAITING))[0]?.count ?? 0;
  await eventually(waiting, (now) => now >= count);
}

/** Locks a user's row, so that the user's writes wait in Postgres, after they have been let in. */
export async function holdUser(app: TestApp, { id }: Account): Promise<HeldUser> {
  const client = createClient(app.databaseUrl);
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
  return {
    waited: (count) => lockWaits(app, count),
    async release(change) {
      if (change) await client.query(change, [id]);
      await client.query('COMMIT');
      await client.end();
    },
  };
}
