import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { describeRotation, type Rotation, rotateSecrets } from '../../../src/cli/rotate-secrets.js';
import { readEnv } from '../../../src/config/config.js';

const SECRET = 'kZ4n1TzVw0mQ8yR5uXhB2cJf7sLgEa3d';
const REFRESH_SECRET = 'Wm9qP3vT6xYb1NcK8rHsDg5fJ2aLzE7u';

describe('Rotating secrets', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'parley-rotate-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const valuesOf = ({ steps }: Rotation, name: 'SECRET_KEY' | 'REFRESH_SECRET_KEY') =>
    steps.map(({ values }) => values[name]?.split(','));

  it('says what to set in production, step by step, and writes nothing', async () => {
    const env = { NODE_ENV: 'production', DATA_DIR: dir };
    const given = { ...env, SECRET_KEY: SECRET, REFRESH_SECRET_KEY: REFRESH_SECRET };
    const rotation = await rotateSecrets(readEnv(given));
    expect(rotation.file).to.equal(null);
    for (const [name, old] of [
      ['SECRET_KEY', SECRET],
      ['REFRESH_SECRET_KEY', REFRESH_SECRET],
    ] as const) {
      const [, fresh = ''] = valuesOf(rotation, name)[0] ?? [];
      expect(valuesOf(rotation, name)).to.deep.equal([[old, fresh], [fresh, old], [fresh]]);
    }
    const text = describeRotation(rotation);
    for (const { values } of rotation.steps) {
      expect(() => readEnv({ ...given, ...values })).to.not.throw();
      expect(text).to.include(`SECRET_KEY=${values.SECRET_KEY}`);
    }
    expect(text).to.include('After 7 days');
  });

  it('writes those of the data directory, and leaves alone what the environment gives', async () => {
    const rotation = await rotateSecrets(readEnv({ DATA_DIR: dir, SECRET_KEY: 'given' }));
    expect(rotation.file).to.equal(join(dir, 'secrets.json'));
    expect(valuesOf(rotation, 'SECRET_KEY')[2]).to.have.length(1);
    expect(valuesOf(rotation, 'REFRESH_SECRET_KEY')).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    const { refreshSecretKey } = JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8'));
    expect(refreshSecretKey.split(',')).to.have.length(2);
    expect(describeRotation(rotation)).to.not.include(refreshSecretKey);
    const stored = await rotateSecrets(readEnv({ DATA_DIR: dir }));
    expect(stored.steps).to.deep.equal([]);
  });

  it('logs nobody out of a node with secrets of its own', async () => {
    const env = { DATA_DIR: dir, SECRET_KEY: '', REFRESH_SECRET_KEY: '' };
    const app: TestApp = await startApp(env);
    try {
      const { token, refreshToken } = await app.register('ada');
      await rotateSecrets(readEnv(env));
      await app.restart();
      expect((await app.call('/users/me', { token })).status).to.equal(200);
      const body = { refresh_token: refreshToken };
      expect((await app.call('/auth/refresh', { body })).status).to.equal(200);
      await rm(join(dir, 'secrets.json'));
      await app.restart();
      const refused = await app.call('/users/me', { token });
      expect([refused.status, refused.body.code]).to.deep.equal([401, 'token_invalid']);
    } finally {
      await app.stop();
    }
  });
});
