import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect } from 'chai';

interface Migration {
  up(context: { sequelize: { query(sql: string): Promise<unknown>; escape: unknown } }): unknown;
}

const load = createRequire(import.meta.url);
const names = readdirSync('migrations').filter((name) => name.endsWith('.cjs'));

const tablesIn = (sql: string, pattern: RegExp) =>
  [...sql.matchAll(pattern)].flatMap((match) => match[1] ?? []);

/** Tables that a migration locks, and that the previous release may be using. */
async function lockedBy(name: string): Promise<Set<string>> {
  const asked: string[] = [];
  const query = async (sql: string) => {
    asked.push(sql);
    return [[]];
  };
  const migration: Migration = load(resolve('migrations', name));
  await migration.up({ sequelize: { query, escape: String } });
  const sql = asked.join('\n');
  const created = tablesIn(sql, /CREATE TABLE (\w+)/g);
  const locked = tablesIn(sql, /(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \w+ ON) (\w+)/g);
  return new Set(locked.filter((table) => !created.includes(table)));
}

describe('A migration', () => {
  for (const name of names) {
    it(`locks one table at most, so that it cannot block or deadlock what runs: ${name}`, async () => {
      expect([...(await lockedBy(name))]).to.have.lengthOf.at.most(1);
    });
  }
});
