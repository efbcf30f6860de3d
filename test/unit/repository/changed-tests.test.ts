import { expect } from 'chai';
import { affectedBy, type Grounds, type Known } from '../../../scripts/changes/affected.js';
import { changesOf } from '../../../scripts/changes/diff.js';
import { createReach } from '../../../scripts/changes/importers.js';

const DIFF = `diff --git a/src/one.ts b/src/one.ts
index 1..2 100644
--- a/src/one.ts
+++ b/src/one.ts
@@ -2 +2,2 @@ function one() {
-  old
+  new
+  newer
@@ -7,3 +8,0 @@
-a
-b
-c
@@ -20,0 +19 @@
+added
diff --git a/src/two words.ts b/src/two words.ts
new file mode 100644
--- /dev/null
+++ b/src/two words.ts
@@ -0,0 +1 @@
+text
diff --git a/public/icon.png b/public/icon.png
Binary files a/public/icon.png and b/public/icon.png differ
`;

/** Three lines of ten characters; the first was executed twice, the second never. */
const TEXT = 'aaaaaaaaa\nbbbbbbbbb\nccccccccc\n';
const hashOf = (text: string) => `hash of ${text.length}`;
const ran = (steps: number[], hash = hashOf(TEXT)): Known => ({
  hash: '',
  sources: { 'src/one.ts': { hash, steps } },
});

function groundsOf(records: Record<string, Known>): Grounds {
  return {
    tests: ['test/unit/a.test.ts', 'test/unit/b.test.ts', 'test/browser/page.test.ts'],
    recordOf: (test) => records[test] ?? null,
    reach: (from) => new Set(from === 'test/unit/b.test.ts' ? [from, 'src/one.ts'] : [from]),
    oldText: () => TEXT,
    hashOf,
  };
}

const line = (number: number, file = 'src/one.ts') => ({
  file,
  lines: [[number, number]] as const,
});

describe('A change', () => {
  it('is read as lines of the old text', () => {
    expect(changesOf(DIFF)).to.deep.equal([
      {
        file: 'src/one.ts',
        lines: [
          [2, 2],
          [7, 9],
          [20, 21],
        ],
      },
      { file: 'src/two words.ts', lines: null },
      { file: 'public/icon.png', lines: null },
    ]);
    expect(changesOf('')).to.deep.equal([]);
  });

  it('has the tests run that executed a changed line, and no others of those recorded', () => {
    const first = ran([0, 2, 10, 0]);
    const second = ran([0, 0, 10, 1, 20, 0]);
    const grounds = groundsOf({ 'test/unit/a.test.ts': first, 'test/unit/b.test.ts': second });
    const testsFor = (number: number) => affectedBy([line(number)], grounds).tests;
    expect(testsFor(1)).to.deep.equal(['test/unit/a.test.ts']);
    expect(testsFor(2)).to.deep.equal(['test/unit/b.test.ts']);
    expect(testsFor(3)).to.deep.equal([]);
  });

  it('has a test run that was not recorded, or in another text, if it imports the file', () => {
    const other = ran([0, 0], 'hash of another text');
    const grounds = groundsOf({ 'test/unit/a.test.ts': other });
    expect(affectedBy([line(3)], grounds).tests).to.deep.equal([
      'test/unit/a.test.ts',
      'test/unit/b.test.ts',
    ]);
    expect(affectedBy([{ file: 'src/one.ts', lines: null }], groundsOf({})).tests).to.deep.equal([
      'test/unit/b.test.ts',
    ]);
  });

  it('of a test has that test run, and one of the page all that have a browser', () => {
    const testsFor = (file: string) => affectedBy([line(1, file)], groundsOf({})).tests;
    expect(testsFor('test/unit/a.test.ts')).to.deep.equal(['test/unit/a.test.ts']);
    expect(testsFor('src/web/main.tsx')).to.deep.equal(['test/browser/page.test.ts']);
  });

  it('says nothing of tests if nobody imports such files', () => {
    const changes = [line(1, 'docs/protocol.md'), line(1, 'package.json')];
    expect(affectedBy(changes, groundsOf({}))).to.deep.equal({
      tests: [],
      others: ['docs/protocol.md', 'package.json'],
    });
  });
});

describe('What a file imports', () => {
  const files = new Map([
    ['test/a.test.ts', `import { x } from '../src/x.js';\nimport 'chai';`],
    ['src/x.ts', `export * from './y/index.js';\nconst later = () => import('./view.js');`],
    ['src/y/index.ts', `import type { X } from '../x.js';`],
    ['src/view.tsx', `import './gone.js';`],
    ['src/alone.ts', ''],
  ]);

  it('is found through others, whatever the end of its name, and in circles', () => {
    expect([...createReach(files)('test/a.test.ts')]).to.have.members([
      ...['test/a.test.ts', 'src/x.ts', 'src/y/index.ts', 'src/view.tsx'],
    ]);
  });
});
