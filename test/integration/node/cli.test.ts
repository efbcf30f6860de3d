import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { runCli, runHere, typeCli } from '../../../lab/nodes/cli.js';
import { startProduct } from '../../../lab/nodes/process.js';
import { withKey } from '../../../lab/people/keys.js';
import { callRest } from '../../../lab/people/rest.js';
import { COMMANDS } from '../../../src/cli/commands.js';
import type { TokenResponse, User } from '../../../src/contract/accounts.js';
import { readText } from '../../support/markdown.js';

const PASSWORD = 'Correct horse 7 battery';
/** Without a notice, a node would learn of a change when it rechecks its sessions, after up to a minute. */
const SESSION_RECHECK_SECONDS = '60';
const SOON_MS = 20_000;

describe('The command line', () => {
  let app: TestApp;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', SESSION_RECHECK_SECONDS });
  });
  after(() => app.stop());

  const cli = (args: string[], input = '') =>
    runHere({ DATABASE_URL: app.databaseUrl }, args, input);
  const json = async <T>(args: string[], input = ''): Promise<T> => {
    const { exitCode, output, problem } = await cli([...args, '--json'], input);
    if (exitCode !== 0) throw new Error(problem);
    return JSON.parse(output);
  };
  const person = (name = 'ann') => {
    serial += 1;
    return app.register(`${name}${serial}`);
  };
  const login = ({ email, password }: Pick<Account, 'email' | 'password'>) =>
    app.call<TokenResponse & { code: string }>('/auth/login', { body: { email, password } });
  const lastEntry = async () => {
    const [row] = await app.rows('SELECT * FROM audit_log ORDER BY id DESC LIMIT 1');
    return row;
  };

  describe('makes the first administrator', () => {
    it('with a password that is piped in, and nothing else', async () => {
      const args = ['create-admin', '--email', 'root@example.com', '--username', 'root'];
      const user = await json<User>(args, `${PASSWORD}\n`);
      expect(user).to.include({ email: 'root@example.com', username: 'root', is_active: true });
      const { body } = await login({ email: 'root@example.com', password: PASSWORD });
      expect(body.user.roles).to.deep.equal(['user', 'admin']);
      const { status } = await app.call('/admin/users', { token: body.access_token ?? '' });
      expect(status).to.equal(200);
      const entry = await app.rows(`SELECT * FROM audit_log WHERE action = 'account_created'`);
      expect(entry[0]).to.deep.include({ actor_id: null, subject_id: String(user.id) });
      expect(entry[0]?.details).to.include({ via: 'cli' }).and.have.property('operator');
    });

    it('with a password that is asked for twice, and that the terminal does not show', async () => {
      const env = { DATABASE_URL: app.databaseUrl };
      const args = ['create-admin', '--email', 'typed@example.com', '--username', 'typed'];
      const typist = await typeCli(env, args);
      await typist.shown('Password: ');
      typist.type(`${PASSWORD}\r`);
      await typist.shown('Again: ');
      typist.type(`${PASSWORD}\r`);
      const seen = await typist.shown('Created the administrator typed');
      expect(seen).to.not.include(PASSWORD).and.not.include('horse');
      expect(await typist.exitCode).to.equal(0);
      const { status } = await login({ email: 'typed@example.com', password: PASSWORD });
      expect(status).to.equal(200);
    });

    it('but not by half: what is wrong is named, and nothing is stored', async () => {
      const taken = await person();
      const email = ['--email', 'other@example.com'];
      const tries: [string[], string, RegExp][] = [
        [['create-admin', ...email, '--username', 'x'], PASSWORD, /username must have at least 3/],
        [
          ['create-admin', ...email, '--username', 'other'],
          'short',
          /password must have at least 8/,
        ],
        [['create-admin', ...email, '--username', 'other'], 'password123', /password/],
        [['create-admin', ...email, '--username', taken.username], PASSWORD, /username is taken/],
        [['create-admin', '--username', 'other'], PASSWORD, /email is required/],
      ];
      for (const [args, input, said] of tries) {
        const { exitCode, output, problem } = await cli(args, input);
        expect([exitCode, output], problem).to.deep.equal([1, '']);
        expect(problem).to.match(said);
      }
      const rows = await app.rows(`SELECT 1 FROM users WHERE email = 'other@example.com'`);
      expect(rows).to.deep.equal([]);
    });
  });

  describe('acts upon a node that runs, without Redis, at once:', () => {
    it('disable ends its sockets, enable lets the user in again', async () => {
      const ann = await person();
      const device = await app.device(ann);
      const ended = device.until('session:ended');
      const env = { DATABASE_URL: app.databaseUrl };
      expect((await runCli(env, ['disable', ann.email])).exitCode).to.equal(0);
      const done = performance.now();
      expect(await ended).to.deep.equal({ code: 'account_disabled' });
      expect(performance.now() - done).to.be.below(SOON_MS);
      expect((await login(ann)).body.code).to.equal('account_disabled');
      expect((await cli(['enable', String(ann.id)])).exitCode).to.equal(0);
      expect((await login(ann)).status).to.equal(200);
    });

    it('revoke and grant change what a socket may do', async () => {
      const ann = await person();
      const device = await app.device(ann);
      const list = () => device.emit('conversation:list', {});
      const works = async () => (await list()).ok;
      expect(await list()).to.include({ ok: true });
      const { roles } = await json<User>(['revoke', ann.username, 'user']);
      expect(roles).to.deep.equal([]);
      await eventually(works, (ok) => !ok, SOON_MS);
      await json<User>(['grant', ann.username.toUpperCase(), 'user']);
      await eventually(works, (ok) => ok, SOON_MS);
    });

    it('sessions lists devices, and ends one or all', async () => {
      const ann = await person();
      const second = await login(ann);
      const list = await json<{ id: string }[]>(['sessions', ann.email]);
      expect(list).to.have.length(2);
      const device = await app.device(ann);
      const other = await app.device({ ...ann, token: second.body.access_token ?? '' });
      const [claims] = [JSON.parse(atob(ann.token.split('.')[1] ?? ''))];
      await json(['sessions', ann.email, '--revoke', claims.sid]);
      expect(await device.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
      expect(await other.ask('conversation:list', {})).to.have.property('conversations');
      expect(await json(['sessions', ann.email, '--revoke', 'all'])).to.deep.equal({ ended: 1 });
      await other.until('session:ended');
      expect(await lastEntry()).to.deep.include({ action: 'session_revoked', actor_id: null });
      const again = await cli(['sessions', ann.email, '--revoke', claims.sid]);
      expect(again.exitCode).to.equal(1);
    });

    it('keys lists the keys of a user, and revokes one or all', async () => {
      const ann = await person();
      const programs = [await withKey(app.url, ann), await withKey(app.url, ann, ['chat'])];
      const [first, second] = programs;
      const list = await json<{ id: string; prefix: string }[]>(['keys', ann.email]);
      expect(list.map(({ id }) => id)).to.have.members(programs.map(({ keyId }) => keyId));
      expect(JSON.stringify(list)).to.not.include(first?.token);
      const sockets = await Promise.all(programs.map((program) => app.device(program)));
      const revoke = ['keys', ann.email, '--revoke'];
      expect(await json([...revoke, first?.keyId ?? ''])).to.deep.equal({ ended: 1 });
      const revoked = performance.now();
      expect(await sockets[0]?.until('session:ended')).to.deep.equal({ code: 'key_revoked' });
      expect(performance.now() - revoked, 'told, not found by the next check').to.be.below(10_000);
      expect((await cli([...revoke, first?.keyId ?? ''])).exitCode).to.equal(1);
      expect((await cli([...revoke, 'nonsense'])).exitCode).to.equal(1);
      expect(await json([...revoke, 'all'])).to.deep.equal({ ended: 1 });
      await sockets[1]?.until('session:ended');
      expect(await lastEntry()).to.deep.include({ action: 'key_revoked', actor_id: null });
      const { body } = await app.call('/agent/models', { token: second?.token ?? '' });
      expect(body.code).to.equal('key_revoked');
      expect(await json(['keys', ann.email])).to.deep.equal([]);
    });
  });

  it('gives a new password to who forgot it, ends the sessions, and refuses a bad one', async () => {
    const ann = await person();
    const device = await app.device(ann);
    for (const bad of ['short', 'password123', ann.username]) {
      const { exitCode, problem } = await cli(['set-password', ann.email], bad);
      expect([exitCode, problem]).to.satisfy(([code, said]: [number, string]) => {
        return code === 1 && said.includes('password ');
      });
    }
    expect(await json(['set-password', ann.email], PASSWORD)).to.deep.equal({ ended: 1 });
    await device.until('session:ended');
    expect((await login(ann)).body.code).to.equal('invalid_credentials');
    expect((await login({ ...ann, password: PASSWORD })).status).to.equal(200);
    const changed = await app.rows(
      `SELECT details FROM audit_log WHERE action = 'password_changed' AND subject_id = $1`,
      [ann.id],
    );
    expect(changed[0]?.details).to.include({ via: 'cli', sessions: 1 });
  });

  it('lists users for people and for programs, in pages', async () => {
    const [ann, bob] = [await person('lister'), await person('lister')];
    const page = await json<{ users: User[]; next_cursor: string }>([
      ...['list-users', '--q', 'LISTER'],
      ...['--limit', '1'],
    ]);
    expect(page.users.map(({ id }) => id)).to.deep.equal([bob.id]);
    const args = ['list-users', '--q', 'lister', '--cursor', page.next_cursor];
    const { output } = await cli(args);
    expect(output).to.match(new RegExp(`^id +username +email.*\\n${ann.id} +${ann.username} `));
    expect(output.split('\n').filter((line) => line !== '')).to.have.length(2);
  });

  it('keeps an administrator, and knows who does not exist', async () => {
    await app.rows(
      'DELETE FROM user_roles ur USING roles r WHERE r.id = ur.role_id AND r.name = $1',
      ['admin'],
    );
    const ann = await person();
    await json(['grant', ann.email, 'admin']);
    const said = [
      await cli(['revoke', ann.email, 'admin']),
      await cli(['disable', ann.email]),
      await cli(['disable', 'nobody@example.com']),
      await cli(['grant', ann.email, 'wizard']),
    ];
    expect(said.map(({ exitCode }) => exitCode)).to.deep.equal([1, 1, 1, 1]);
    expect(said.map(({ problem }) => problem)).to.satisfy((all: string[]) => {
      const expected = [
        /must keep the role/,
        /must keep/,
        /no user "nobody/,
        /no such role: wizard/,
      ];
      return expected.every((pattern, i) => pattern.test(all[i] ?? ''));
    });
    const machine = await cli(['disable', ann.email, '--json']);
    expect(JSON.parse(machine.problem).error.code).to.equal('conflict');
  });

  it('makes new secrets and writes that down, without the secrets', async () => {
    const env = {
      DATABASE_URL: app.databaseUrl,
      SECRET_KEY: 'kZ4n1TzVw0mQ8yR5uXhB2cJf7sLgEa3d',
      REFRESH_SECRET_KEY: 'Wm9qP3vT6xYb1NcK8rHsDg5fJ2aLzE7u',
    };
    const { exitCode, output } = await runHere(env, ['rotate-secrets', '--json']);
    expect(exitCode).to.equal(0);
    expect(JSON.parse(output).steps).to.have.length(3);
    const entry = await lastEntry();
    expect(entry).to.include({ action: 'secrets_rotated', actor_id: null, subject_id: null });
    expect(JSON.stringify(entry)).to.not.include(env.SECRET_KEY);
  });

  it('says how it is used, and exits with 2 where it is used wrongly', async () => {
    const wrong = [[], ['dance'], ['grant', 'ann'], ['disable'], ['list-users', '--colour', 'red']];
    for (const args of wrong) {
      const { exitCode, output, problem } = await cli(args);
      expect(exitCode, args.join(' ')).to.equal(2);
      expect(output + problem).to.match(/<command>|Usage:/);
    }
    const { exitCode, output } = await cli(['help']);
    expect(exitCode).to.equal(0);
    for (const name of COMMANDS.keys()) expect(output).to.include(`\n  ${name} `);
    const broken = await runHere({ DATABASE_URL: 'nonsense' }, ['list-users']);
    expect([broken.exitCode, broken.problem]).to.satisfy(
      ([code, said]: [number, string]) => code === 2 && said.includes('DATABASE_URL'),
    );
  });

  it('is told of completely in docs/operations.md', async () => {
    const page = await readText('docs/operations.md');
    for (const [name, { usage }] of COMMANDS) {
      expect(page, name).to.include(`| \`${`${name} ${usage}`.trim().replace('|', '\\|')}\` |`);
    }
  });

  describe('with the embedded Postgres', () => {
    let dir: string;

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'parley-cli-'));
    });
    afterEach(() => rm(dir, { recursive: true, force: true }));

    it('works before the first start, and beside a node that runs on it', async () => {
      const env = { DATA_DIR: dir };
      const args = ['create-admin', '--email', 'root@example.com', '--username', 'root'];
      const made = await runCli(env, args, PASSWORD);
      expect(made.exitCode, made.problem).to.equal(0);
      const node = await startProduct(env);
      const body = { email: 'root@example.com', password: PASSWORD };
      const login = () => callRest<{ code?: string }>(`${node.url}/auth/login`, { body });
      expect((await login()).status).to.equal(200);
      const other = args.map((word) => word.replace('root', 'second'));
      expect((await runCli(env, other, PASSWORD)).exitCode).to.equal(0);
      const disabled = await runCli(env, ['disable', 'root']);
      expect(disabled.exitCode, disabled.problem).to.equal(0);
      expect((await login()).body.code).to.equal('account_disabled');
      expect(await node.stop()).to.deep.equal({ code: 0, signal: null });
    });
  });
});
