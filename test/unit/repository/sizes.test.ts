import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { measure, type Sizes } from '../../../scripts/sizes.js';

const CLASS = `import { readFile } from 'node:fs';

/** Not a part of it. */
export class Box {
  #read = (path: string) => {
    readFile(path, () => {
      // An argument has no name.
    });
  };

  open(): void {}
}
`;

const FUNCTIONS = `export function outer() {
  const inner = () =>
    1;
  return inner;
}
`;

describe('The sizes of a program', () => {
  let root: string;
  let sizes: Sizes;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-sizes-'));
    await mkdir(join(root, 'src/deep'), { recursive: true });
    await writeFile(join(root, 'tsconfig.json'), '{ "include": ["src", "other.ts"] }');
    await writeFile(join(root, 'other.ts'), FUNCTIONS);
    await writeFile(join(root, 'src/box.ts'), CLASS);
    await writeFile(join(root, 'src/deep/functions.ts'), FUNCTIONS);
    sizes = measure(root, 'src');
  });

  after(() => rm(root, { recursive: true, force: true }));

  it('are those of its files in lines, the largest first', () => {
    expect(sizes.files).to.deep.equal([
      { what: 'src/box.ts', size: 12 },
      { what: 'src/deep/functions.ts', size: 5 },
    ]);
  });

  it('are those of its functions with a name, by their lines', () => {
    expect(sizes.functions).to.have.deep.members([
      { what: 'src/box.ts:5 Box.#read', size: 5 },
      { what: 'src/box.ts:11 Box.open', size: 1 },
      { what: 'src/deep/functions.ts:1 outer', size: 5 },
      { what: 'src/deep/functions.ts:2 inner', size: 2 },
    ]);
  });

  it('are those of its folders, in files', () => {
    expect(sizes.folders).to.have.deep.members([
      { what: 'src', size: 1 },
      { what: 'src/deep', size: 1 },
    ]);
  });
});

describe('The files of src', () => {
  it('have at most 300 lines', async () => {
    const names = await readdir('src', { recursive: true });
    const sources = names.filter((name) => /\.tsx?$/.test(name));
    const linesOf = async (name: string) =>
      (await readFile(join('src', name), 'utf8')).trimEnd().split('\n').length;
    const large = await Promise.all(
      sources.map(async (name) => ((await linesOf(name)) > 300 ? [name] : [])),
    );
    expect(large.flat()).to.deep.equal([]);
  });
});
