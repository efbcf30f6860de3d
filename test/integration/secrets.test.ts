import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensureDevelopmentSecrets } from '../../src/adapters/secrets.js';

describe('Development secrets', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'parley-secrets-'));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('are two long ones, made once and readable by their owner only', async () => {
    const data = join(dir, 'data');
    const first = await ensureDevelopmentSecrets(data);
    expect(first.secretKey).not.to.equal(first.refreshSecretKey);
    expect([first.secretKey.length, first.refreshSecretKey.length]).to.deep.equal([64, 64]);
    expect(await ensureDevelopmentSecrets(data)).to.deep.equal(first);
    expect((await stat(join(data, 'secrets.json'))).mode & 0o777).to.equal(0o600);
  });

  it('are the same ones for nodes that start together', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => ensureDevelopmentSecrets(dir)));
    expect(new Set(all.map(({ secretKey }) => secretKey)).size).to.equal(1);
    expect(await readdir(dir)).to.deep.equal(['secrets.json']);
  });
});
