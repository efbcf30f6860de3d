import { expect } from 'chai';
import { checkServer } from '../../../src/adapters/postgres/server-check.js';
import type { Sql } from '../../../src/adapters/postgres/sql/sql.js';
import { parsePostgresUrl } from '../../../src/config/postgres-url.js';
import { StartProblem } from '../../../src/entities/errors.js';

const TARGET = parsePostgresUrl('postgres://parley:secret@db.example:5432/chat');
/** A server with which the product works. */
const GOOD = {
  ...{ version: '17.2', major: 17, encoding: 'UTF8', standby: false, readOnly: false },
  ...{ searchPath: 'public', exists: true, mayCreate: true, elsewhere: null, loose: [] },
};

const PROBLEMS: [what: string, facts: object, said: string][] = [
  ['is too old', { version: '14.15', major: 14 }, 'is PostgreSQL 14.15: 15 or newer is needed'],
  [
    'is a standby',
    { standby: true },
    'is a standby, which is read-only: use the address of the primary',
  ],
  [
    'takes no writes',
    { readOnly: true },
    'is read-only: set default_transaction_read_only to off for the database and the user',
  ],
  [
    'stores no UTF-8',
    { encoding: 'LATIN1' },
    `keeps the database chat in LATIN1: create one with ENCODING 'UTF8' TEMPLATE template0`,
  ],
  [
    'has a pooler that forgets settings',
    { loose: ['DateStyle', 'TimeZone'] },
    'does not keep DateStyle, TimeZone for a session: make the pooler keep sessions, or set them for the user',
  ],
  [
    'has a pooler that forgets the schema',
    { searchPath: '"$user", public' },
    'does not keep search_path for a session: make the pooler keep sessions, or set them for the user',
  ],
  [
    'has no such schema',
    { exists: false, mayCreate: false },
    'has no schema public in the database chat: create it',
  ],
  [
    'has the tables elsewhere',
    { elsewhere: 'own' },
    'has the tables in schema own, not in public: move them, or add ?options=-csearch_path=own to DATABASE_URL',
  ],
  [
    'lets nobody create tables',
    { mayCreate: false },
    'does not let parley create tables: GRANT USAGE, CREATE ON SCHEMA public TO parley',
  ],
];

describe('A server at the start', () => {
  const check = (facts: object) => {
    const sql = { one: async () => ({ ...GOOD, ...facts }) } as unknown as Sql;
    return checkServer(sql, TARGET).then(
      () => null,
      (error: unknown) => error,
    );
  };

  for (const [what, facts, said] of PROBLEMS) {
    it(`that ${what} is refused in one line, which says what to do and no password`, async () => {
      const refused = await check(facts);
      expect(refused).to.be.instanceOf(StartProblem);
      expect(refused).to.have.property('message', `Postgres at db.example:5432 ${said}`);
    });
  }

  it('that has nothing of it is used', async () => {
    expect(await check({})).to.equal(null);
  });
});
