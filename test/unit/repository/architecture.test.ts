import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { checkImports } from '../../../scripts/check-imports.js';

describe('The arrows of the architecture', () => {
  let root: string;

  const problems = async (files: Record<string, string>) => {
    await rm(root, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return checkImports(root);
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-imports-'));
  });

  after(() => rm(root, { recursive: true, force: true }));

  it('hold in src', async () => {
    expect(await checkImports('src')).to.deep.equal([]);
  });

  it('hold in lab, which those that share it must not lend anything', async () => {
    const files = (await readdir('lab', { recursive: true })).filter((file) =>
      /\.[jt]s$/.test(file),
    );
    const texts = await Promise.all(
      files.map(async (file) => [file, await readFile(join('lab', file), 'utf8')] as const),
    );
    const borrowers = texts.filter(([, text]) =>
      /from '(\.\.\/)+(test|bench|soak|fuzz)\//.test(text),
    );
    expect(borrowers.map(([file]) => file)).to.deep.equal([]);
    expect(files.length).to.be.greaterThan(0);
  });

  it('let an adapter implement a port', async () => {
    const files = {
      'adapters/redis/log.ts': `import type { Log } from '../../ports/log.js';\nimport 'ioredis';`,
      'ports/log.ts': `import type { Message } from '../entities/entities.js';`,
      'entities/entities.ts': '',
    };
    expect(await problems(files)).to.deep.equal([]);
  });

  const WRONG: Record<string, string> = {
    'domain/a.ts': `import { x } from '../adapters/b.js';`,
    'domain/b.ts': `import type { Request } from 'express';`,
    'domain/c.ts': `import WebSocket from 'ws';`,
    'domain/e.ts': `import { createServer } from 'node:http';`,
    'ports/c.ts': `import { readFile } from 'node:fs/promises';`,
    'validation/b.ts': `import pg from 'pg';`,
    'http/a.ts': `import {\n  x,\n} from '../adapters/b.js';`,
    'ports/a.ts': `import { AppError } from '../domain/prompt.js';`,
    'ports/b.ts': `import type { x } from '../domain/prompt.js';`,
    'contract/a.ts': `export * from '../entities/entities.js';`,
    'contract/c.ts': `import Joi from 'joi';`,
    'entities/a.ts': `import type { x } from '../ports/engine.js';`,
    'entities/b.ts': `import express from 'express';`,
    'validation/a.ts': `import { x } from '../domain/d.js';`,
    'client/a.ts': `import { EventEmitter } from 'node:events';`,
    'client/c.ts': `import { x } from '../validation/schemas.js';`,
    'client/b.ts': `const x = await import('../web/c.js');`,
    'web/a.tsx': `import '../domain/d.js';`,
    'node/app.ts': `import { x } from '../adapters/b.js';`,
    'config/a.ts': `import { x } from '../adapters/b.js';`,
    'contract/b.ts': `import x from '../../../package.json';`,
  };

  for (const [path, text] of Object.entries(WRONG)) {
    it(`find ${path} with ${text.replace(/\s+/g, ' ')}`, async () => {
      const found = await problems({ [path]: text });
      expect(found).to.have.length(1);
      expect(found[0]).to.match(new RegExp(`^${path}: `));
    });
  }

  it('find folders beside each other that import each other, at any depth', async () => {
    const found = await problems({
      'domain/a/x.ts': `import { y } from '../b/inner/y.js';`,
      'domain/a/z.ts': '',
      'domain/b/w.ts': `import type { Z } from '../a/z.js';`,
      'domain/b/inner/y.ts': '',
    });
    expect(found).to.deep.equal([
      'import cycle of domain/a, domain/b: domain/a/x.ts -> domain/b/inner/y.ts, domain/b/w.ts -> domain/a/z.ts',
    ]);
  });

  it('find a ring of three folders, of which no two import each other', async () => {
    const found = await problems({
      'domain/a/x.ts': `import { x } from '../b/x.js';`,
      'domain/a/y.ts': '',
      'domain/b/x.ts': '',
      'domain/b/y.ts': `import { x } from '../c/inner/x.js';`,
      'domain/c/inner/x.ts': '',
      'domain/c/y.ts': `import type { Y } from '../a/y.js';`,
    });
    expect(found).to.deep.equal([
      'import cycle of domain/a, domain/b, domain/c: domain/a/x.ts -> domain/b/x.ts, domain/b/y.ts -> domain/c/inner/x.ts, domain/c/y.ts -> domain/a/y.ts',
    ]);
  });

  it('find a folder and a file beside it that import each other', async () => {
    const found = await problems({
      'domain/shared.ts': `import { y } from './a/y.js';`,
      'domain/a/x.ts': `import { shared } from '../shared.js';`,
      'domain/a/y.ts': '',
    });
    expect(found).to.deep.equal([
      'import cycle of domain/a, domain/shared.ts: domain/a/x.ts -> domain/shared.ts, domain/shared.ts -> domain/a/y.ts',
    ]);
  });

  it('let a folder import one file beside it, and another file that folder', async () => {
    const files = {
      'domain/main.ts': `import { x } from './a/x.js';`,
      'domain/shared.ts': '',
      'domain/a/x.ts': `import { shared } from '../shared.js';`,
      'domain/a/y.ts': `import { z } from '../b/z.js';`,
      'domain/b/z.ts': `import { shared } from '../shared.js';`,
    };
    expect(await problems(files)).to.deep.equal([]);
  });

  it('find a cycle of files, through types too', async () => {
    const found = await problems({
      'domain/a.ts': `import { b } from './b.js';`,
      'domain/b.ts': `import type { C } from './c.js';`,
      'domain/c.ts': `import { a } from './a.js';`,
    });
    expect(found).to.deep.equal([
      'import cycle of domain/a.ts, domain/b.ts, domain/c.ts: domain/a.ts -> domain/b.ts, domain/b.ts -> domain/c.ts, domain/c.ts -> domain/a.ts',
    ]);
  });

  it('find a file that imports itself', async () => {
    const found = await problems({ 'domain/a.ts': `export * from './a.js';` });
    expect(found).to.deep.equal(['import cycle of domain/a.ts: domain/a.ts -> domain/a.ts']);
  });
});
