import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ensureDevelopmentSecrets,
  rotateDevelopmentSecrets,
} from '../../../src/adapters/secrets.js';

describe('Development secrets', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'parley-secrets-'));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('are two long ones, made once and readable by their owner only', async () => {
    const data = join(dir, 'data');
    const first = await ensureDevelopmentSecrets(data);
    const all = [...first.secretKeys, ...first.refreshSecretKeys];
    expect(all.map(({ length }) => length)).to.deep.equal([64, 64]);
    expect(all[0]).not.to.equal(all[1]);
    expect(await ensureDevelopmentSecrets(data)).to.deep.equal(first);
    expect((await stat(join(data, 'secrets.json'))).mode & 0o777).to.equal(0o600);
  });

  it('are the same ones for nodes that start together', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => ensureDevelopmentSecrets(dir)));
    expect(new Set(all.flatMap(({ secretKeys }) => secretKeys)).size).to.equal(1);
    expect(await readdir(dir)).to.deep.equal(['secrets.json']);
  });

  it('are put behind new ones, and kept for as long as their tokens may live', async () => {
    const rotate = (now: number) => rotateDevelopmentSecrets(dir, 1_000, now);
    const first = await ensureDevelopmentSecrets(dir);
    expect(await rotate(0)).to.equal(join(dir, 'secrets.json'));
    const second = await ensureDevelopmentSecrets(dir);
    for (const kind of ['secretKeys', 'refreshSecretKeys'] as const) {
      expect(second[kind]).to.have.length(2);
      expect(second[kind][1]).to.equal(first[kind][0]);
    }
    await rotate(999);
    expect((await ensureDevelopmentSecrets(dir)).secretKeys).to.have.length(3);
    await rotate(1_001);
    const { secretKeys } = await ensureDevelopmentSecrets(dir);
    expect(secretKeys).to.have.length(3);
    expect(secretKeys).to.include(second.secretKeys[0]).and.not.include(first.secretKeys[0]);
    expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).to.equal(0o600);
    expect(await readdir(dir)).to.deep.equal(['secrets.json']);
  });

  it('never become more than ten', async () => {
    for (let i = 0; i < 12; i++) await rotateDevelopmentSecrets(dir, 1_000, i);
    expect((await ensureDevelopmentSecrets(dir)).refreshSecretKeys).to.have.length(10);
  });
});
