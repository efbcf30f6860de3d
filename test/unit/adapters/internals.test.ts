import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Sequelize } from 'sequelize';
import {
  knowTypes,
  listenerOf,
  loggingOf,
  markEnded,
  markUnusable,
  poolCounts,
  transactionOn,
} from '../../../src/adapters/postgres/sql/sequelize-internals.js';

/** Files that use internals of a library or of Node: the packages that are pinned for them, and the contract tests. */
const FILES: Record<string, { packages: readonly string[]; test: string }> = {
  'gateway/engine-io.ts': {
    packages: ['engine.io', 'socket.io', 'ws'],
    test: 'integration/gateway/engine-io.test.ts',
  },
  'gateway/connection/modest-parser.ts': {
    packages: ['socket.io-parser'],
    test: 'unit/gateway/modest-parser.test.ts',
  },
  'gateway/connection/plain-http.ts': { packages: [], test: 'integration/http/plain-http.test.ts' },
  'adapters/postgres/sql/sequelize-internals.ts': {
    packages: ['sequelize'],
    test: 'unit/adapters/internals.test.ts',
  },
  'adapters/postgres/sql/driver.ts': { packages: ['pg'], test: 'integration/postgres/sql.test.ts' },
  'adapters/openai/transport/valve.ts': {
    packages: ['undici'],
    test: 'integration/model-server/metered-reads.test.ts',
  },
  'adapters/openai/transport/interim-heads.ts': {
    packages: ['undici'],
    test: 'integration/model-server/upstream-shapes.test.ts',
  },
  'adapters/redis/connection/shards.ts': {
    packages: ['ioredis'],
    test: 'integration/redis/writes.test.ts',
  },
};
/** `Reflect` on objects that belong to no library. */
const OTHER = [
  'adapters/postgres/sql/errors.ts',
  'domain/sessions/token-service.ts',
  'gateway/connection/put-before.ts',
  'http/long-requests.ts',
  'validation/payload-size.ts',
];

describe('What libraries keep to themselves', () => {
  it('is used in one file for each of them', async () => {
    const files = (await readdir('src', { recursive: true })).filter((file) =>
      /\.tsx?$/.test(file),
    );
    const texts = files.map(async (file) => [file, await readFile(`src/${file}`, 'utf8')] as const);
    const users = (await Promise.all(texts)).filter(([, text]) =>
      /\bReflect\.(get|set|apply|deleteProperty)\b|\w\._[a-z]/.test(text),
    );
    const known = new Set([...Object.keys(FILES), ...OTHER]);
    expect(users.map(([file]) => file).filter((file) => !known.has(file))).to.deep.equal([]);
    expect(Object.keys(FILES).filter((file) => !files.includes(file))).to.deep.equal([]);
  });

  it('belongs to packages of which one version is named', async () => {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    for (const name of new Set(Object.values(FILES).flatMap(({ packages }) => packages))) {
      expect(dependencies[name], name).to.match(/^\d+\.\d+\.\d+$/);
    }
  });

  it('has a test to run before a version changes', async () => {
    for (const [file, { test }] of Object.entries(FILES)) {
      expect(existsSync(`test/${test}`), file).to.equal(true);
    }
  });

  describe('of Sequelize:', () => {
    const sequelize = new Sequelize({ dialect: 'postgres', logging: false });

    it('where statements are logged', () => {
      const log = () => {};
      expect(loggingOf(new Sequelize({ dialect: 'postgres', logging: log }))).to.equal(log);
      expect(loggingOf(sequelize)).to.equal(null);
    });

    it('who hears of the time of statements', () => {
      const heard: number[] = [];
      const options = { dialect: 'postgres' as const, onReplied: (ms: number) => heard.push(ms) };
      listenerOf(new Sequelize(options))?.(7);
      expect(heard).to.deep.equal([7]);
      expect(listenerOf(sequelize)).to.equal(null);
    });

    it('the connections of the pool', () => {
      expect(poolCounts(sequelize)).to.deep.equal({ idle: 0, busy: 0, waiting: 0 });
    });

    it('whether the ids of types are known', () => {
      const fresh = new Sequelize({ dialect: 'postgres' });
      const known = () => Object.keys(Reflect.get(fresh.connectionManager, 'nameOidMap'));
      expect(known()).to.deep.equal([]);
      knowTypes(fresh);
      expect(known()).to.deep.equal(['text']);
    });

    it('a transaction sends what models ask over its connection', async () => {
      const sent: string[] = [];
      type Done = (error: null, result: object) => void;
      const connection = {
        query(text: string, done: Done) {
          sent.push(text);
          done(null, { command: 'SELECT', rows: [], rowCount: 0 });
        },
      };
      await sequelize.query('SELECT 1', { transaction: transactionOn(sequelize, connection) });
      expect(sent).to.deep.equal(['SELECT 1']);
    });

    it('a transaction that has ended serves no model', async () => {
      for (const how of ['commit', 'rollback'] as const) {
        const transaction = transactionOn(sequelize, {});
        markEnded(transaction, how);
        const asked = sequelize.query('SELECT 1', { transaction });
        const error = await asked.catch((reason: unknown) => String(reason));
        expect(error).to.include(`${how} has been called on this transaction`);
      }
    });

    it('a connection that is marked is not handed out again', () => {
      const { connectionManager } = sequelize;
      const isUsable = (connection: object): boolean =>
        Reflect.get(connectionManager, 'validate').call(connectionManager, connection);
      const connection = {};
      expect(isUsable(connection)).to.equal(true);
      markUnusable(connection);
      expect(isUsable(connection)).to.equal(false);
    });
  });
});
