import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { program } from '../../../lab/nodes/process.js';
import { standStill } from '../../../lab/stand-still.js';
import { type Certificates, makeCertificates } from '../../../lab/stores/certificates.js';
import { startTlsPostgres, type TlsPostgres } from '../../../lab/stores/postgres-tls.js';
import { migrateUp } from '../../../src/adapters/postgres/migrator.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createSql } from '../../../src/adapters/postgres/sql/sql.js';

interface Ended {
  code: number | null;
  said: string;
}

/** Runs with a separate environment, because Node reads NODE_EXTRA_CA_CERTS once, at its start. */
async function run(args: string[], env: Record<string, string>): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, { env: { PATH, HOME, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

const migrate = async (env: Record<string, string>) => run([...(await program()), 'migrate'], env);

const cli = (env: Record<string, string>) =>
  run(['node_modules/sequelize-cli/lib/sequelize', 'db:migrate:status'], env);

describe('A Postgres that wants TLS', () => {
  let certificates: Certificates;
  let postgres: TlsPostgres;

  before(async () => {
    certificates = await makeCertificates('DNS:localhost');
    postgres = await startTlsPostgres(certificates);
  });
  after(async () => {
    await postgres?.stop();
    await certificates?.remove();
  });

  const urlWith = (query: string, host = 'localhost') =>
    `${postgres.url.replace('localhost', host)}?${query}`;
  const root = () => `sslrootcert=${certificates.authority}`;

  for (const mode of ['require', 'verify-full']) {
    it(`gets it with sslmode=${mode}, for requests and for migrations`, async () => {
      const url = urlWith(`sslmode=${mode}&${root()}`);
      const sequelize = createSequelize({ url, poolMax: 2 });
      const used = await createSql(sequelize).one(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      expect(used).to.deep.equal({ ssl: true });
      await migrateUp(sequelize);
      await sequelize.close();
    });

    it(`is not trusted with sslmode=${mode} when another one has its name`, async () => {
      const url = urlWith(`sslmode=${mode}&${root()}`, '127.0.0.1');
      const { code, said } = await migrate({ DATABASE_URL: url });
      expect(code).to.equal(1);
      expect(said).to.include("does not match certificate's altnames");
    });
  }

  it('is not blamed for a pause of this process at any step of a connection', async () => {
    const url = urlWith(`sslmode=verify-full&${root()}`);
    // Each number of turns leaves off in another step: name, TCP, TLS, password.
    for (const turns of [0, 2, 8, 32, 128]) {
      const sequelize = createSequelize({ url, poolMax: 1, acquireMs: 1_000 });
      const asked = createSql(sequelize).one('SELECT 1 AS n');
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      standStill(1_100);
      expect(await asked, `after ${turns} turns`).to.deep.equal({ n: 1 });
      await sequelize.close();
    }
  });

  it('may have its authority in NODE_EXTRA_CA_CERTS', async () => {
    const env = { NODE_EXTRA_CA_CERTS: certificates.authority };
    const DATABASE_URL = urlWith('sslmode=verify-full');
    expect((await migrate({ ...env, DATABASE_URL })).code).to.equal(0);
  });

  it('ends the start of a node that does not know its authority, with the remedy', async () => {
    const { code, said } = await migrate({ DATABASE_URL: urlWith('sslmode=verify-full') });
    expect(code).to.equal(1);
    const { host } = new URL(postgres.url);
    expect(said).to.include(`Postgres at ${host} cannot be reached: unable to verify`);
    expect(said).to.include('NODE_EXTRA_CA_CERTS').and.not.include(new URL(postgres.url).password);
  });

  it('ends the start of a node that comes without TLS, with the remedy', async () => {
    const { code, said } = await migrate({ DATABASE_URL: postgres.url });
    expect(code).to.equal(1);
    expect(said).to.include('no encryption; add ?sslmode=verify-full');
  });

  it('is migrated by sequelize-cli with the same address', async () => {
    const url = urlWith(`sslmode=verify-full&${root()}`);
    expect((await migrate({ DATABASE_URL: url })).code).to.equal(0);
    const { code, said } = await cli({ DATABASE_URL: url });
    expect(said).to.match(/^up \d+/m);
    expect(code).to.equal(0);
  });
});
