import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createChoice } from '../../../scripts/mutants/choice.js';
import {
  added,
  countAt,
  coverageOf,
  type Steps,
  stepsOf,
} from '../../../scripts/mutants/coverage.js';
import { mutantsOf } from '../../../scripts/mutants/mutants.js';
import type { TestRecord } from '../../../scripts/mutants/record.js';
import { createUsers } from '../../../scripts/mutants/users.js';

const FILE = 'src/domain/example.ts';
const SOURCE = `export interface Unused {
  name: string;
}

const LIMIT = 1 + 1;

export function isLarge(value: number): boolean {
  if (value > LIMIT) return true;
  // The value is never large here.
  return value === 7;
}

export const never = (): string => 'never';

for (const value of [3, 4, 5] satisfies number[]) isLarge(value);
`;

/** Node's report on a run of the source. */
async function coverageOfRun(): Promise<Map<string, Steps>> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'parley-covered-')));
  try {
    await mkdir(dirname(join(root, FILE)), { recursive: true });
    await writeFile(join(root, FILE), SOURCE);
    const dumps = join(root, 'dumps');
    const tsx = pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href;
    await promisify(execFile)(process.execPath, ['--import', tsx, FILE], {
      cwd: root,
      env: { ...process.env, NODE_V8_COVERAGE: dumps },
    });
    const texts = (await readdir(dumps)).map((name) => readFile(join(dumps, name), 'utf8'));
    const parsed = (await Promise.all(texts)).map((text) => JSON.parse(text));
    return coverageOf(parsed, `${pathToFileURL(root).href}/`, () => SOURCE);
  } finally {
    await rm(root, { recursive: true });
  }
}

const range = (startOffset: number, endOffset: number, count: number) => ({
  ...{ startOffset, endOffset, count },
});

describe('What a run executed', () => {
  it('is known for each place of the source, with how often', async () => {
    const covered = await coverageOfRun();
    expect([...covered.keys()]).to.deep.equal([FILE]);
    const at = (text: string) => countAt(covered.get(FILE) ?? [], SOURCE.indexOf(text));
    expect(at('value > LIMIT')).to.equal(3);
    expect(at('return true')).to.equal(3);
    expect(at('value === 7')).to.equal(0);
    expect(at("'never'")).to.equal(0);
    expect(at('1 + 1')).to.equal(1);
  });

  it('is decided by the innermost range', () => {
    const steps = stepsOf([range(0, 100, 1), range(10, 50, 4), range(20, 30, 0), range(60, 70, 2)]);
    const counts = [0, 10, 19, 20, 30, 49, 50, 60, 69, 70, 99, 100].map((at) => countAt(steps, at));
    expect(counts).to.deep.equal([1, 4, 4, 0, 4, 4, 1, 2, 2, 1, 1, 0]);
  });

  it('is nothing before the first place', () => {
    expect(countAt([5, 3], 4)).to.equal(0);
    expect(countAt([], 4)).to.equal(0);
  });

  it('adds up over processes', () => {
    const steps = added([0, 1, 10, 0], [5, 2, 20, 0]);
    expect([0, 4, 5, 9, 10, 19, 20].map((at) => countAt(steps, at))).to.deep.equal([
      ...[1, 1, 3, 3, 2, 2, 0],
    ]);
  });
});

describe('The tests that are tried on a mutant', () => {
  const recordOf = (test: string, seconds: number, sources: TestRecord['sources']): TestRecord => ({
    ...{ test, seconds, sources, hash: '', tree: '', isGreen: true },
  });
  const hits = (count: number, rest = 0) => ({
    [FILE]: { hash: 'now', steps: [0, count] },
    'src/domain/other.ts': { hash: 'now', steps: [0, rest] },
  });
  const hashes = new Map([FILE, 'src/domain/other.ts'].map((file) => [file, 'now']));
  const [mutant] = mutantsOf(FILE, 'function a() { return b > c; }');
  if (!mutant) throw new Error('The source has a mutant.');
  const choose = (records: readonly TestRecord[]) =>
    createChoice(6, records, hashes, () => [])(mutant).map(({ test }) => test);

  it('are the quickest and those that are most about it, in the order of their time', () => {
    const records = [
      recordOf('slow but about it', 30, hits(900, 100)),
      ...[5, 4, 3, 2, 1].map((n) => recordOf(`quick ${n}`, n, hits(1, 1_000 * n))),
      recordOf('elsewhere', 1, hits(0, 1_000)),
    ];
    expect(choose(records)).to.deep.equal([
      ...['quick 1', 'quick 2', 'quick 3', 'quick 4', 'quick 5', 'slow but about it'],
    ]);
    const more = [6, 7, 8].map((n) => recordOf(`quick ${n}`, n, hits(1, 1_000 * n)));
    expect(choose([...more, ...records])).to.deep.equal([
      ...['quick 1', 'quick 2', 'quick 3', 'quick 4', 'quick 5', 'slow but about it'],
    ]);
  });

  it('of a constructor are those that use most of its file', () => {
    const [made] = mutantsOf(FILE, 'class A { constructor() { this.b = 1; this.c = 2; } }');
    if (!made) throw new Error('The source has a mutant.');
    const choice = createChoice(
      1,
      [
        recordOf('makes it', 1, { ...hits(1, 1), [FILE]: { hash: 'now', steps: [0, 2, 60, 1] } }),
        recordOf('uses it', 2, { ...hits(1, 1), [FILE]: { hash: 'now', steps: [0, 1, 60, 900] } }),
      ],
      hashes,
      () => [],
    );
    expect(choice(made).map(({ test }) => test)).to.deep.equal(['uses it']);
  });

  it('are green without it', () => {
    expect(choose([{ ...recordOf('red', 1, hits(1)), isGreen: false }])).to.deep.equal([]);
  });

  it('take long only where no others reach it', () => {
    const long = recordOf('long', 100, hits(1));
    expect(choose([long])).to.deep.equal(['long']);
    expect(choose([long, recordOf('quick', 1, hits(1))])).to.deep.equal(['quick']);
  });

  it('are all that loaded the file if it has changed since', () => {
    const old = { [FILE]: { hash: 'before', steps: [0, 0] } };
    expect(choose([recordOf('loaded it', 1, old)])).to.deep.equal(['loaded it']);
  });

  it('are those of the users of a constant, also in other files', () => {
    const user = 'src/domain/user.ts';
    const texts = new Map([
      [FILE, "export const LIMIT = 'three';\nexport const own = () => LIMIT;\n"],
      [user, "import { LIMIT } from './example.js';\nexport const far = () => LIMIT;\n"],
      ['src/domain/stranger.ts', 'const LIMIT = 7;\nexport const other = () => LIMIT;\n'],
    ]);
    const users = createUsers(texts);
    const [constant] = mutantsOf(FILE, texts.get(FILE) ?? '');
    if (!constant) throw new Error('The source has a mutant.');
    expect(users(constant)).to.deep.equal([
      { file: FILE, at: (texts.get(FILE) ?? '').lastIndexOf('LIMIT') },
      { file: user, at: (texts.get(user) ?? '').lastIndexOf('LIMIT') },
    ]);
    const loads = { [FILE]: { hash: 'now', steps: [0, 1, 40, 0] } };
    const uses = { ...loads, [user]: { hash: 'now', steps: [0, 1] } };
    const choice = createChoice(
      6,
      [recordOf('loads it', 1, loads), recordOf('uses it', 2, uses)],
      new Map([FILE, user].map((file) => [file, 'now'])),
      users,
    );
    expect(choice(constant).map(({ test }) => test)).to.deep.equal(['uses it']);
  });
});
