import { expect } from 'chai';
import { applied, type Mutant, mutantsOf } from '../../../scripts/mutants/mutants.js';
import { sampleOf } from '../../../scripts/mutants/sample.js';
import { parse } from '../../../scripts/mutants/syntax.js';

const FILE = 'src/domain/example.ts';
const changes = (source: string, kind?: string) =>
  mutantsOf(FILE, source)
    .filter((mutant) => kind === undefined || mutant.kind === kind)
    .map((mutant) => applied(mutant, source));

/** Each kind of mutation: a text, and its mutants. */
const KINDS: [kind: string, source: string, ...changed: string[]][] = [
  ['condition', 'if (a) b();', 'if (true) b();', 'if (false) b();'],
  ['condition', 'const a = b ? c : d;', 'const a = true ? c : d;', 'const a = false ? c : d;'],
  ['condition', 'while (a) b();', 'while (false) b();'],
  ['condition', 'for (; a; ) b();', 'for (; false; ) b();'],
  ['condition', 'do b(); while (a);', 'do b(); while (false);'],
  ['equality', 'const a = b === c;', 'const a = b !== c;'],
  ['equality', 'const a = b /* === */ != c;', 'const a = b /* === */ == c;'],
  ['boundary', 'const a = b < c;', 'const a = b <= c;'],
  ['boundary', 'const a = b >= c;', 'const a = b > c;'],
  ['logic', 'const a = b && c;', 'const a = ((b) || (c));'],
  ['logic', 'const a = b || c;', 'const a = ((b) && (c));'],
  [
    'logic',
    'const a = b ?? c ?? d;',
    'const a = ((b ?? c) && (d));',
    'const a = ((b) && (c)) ?? d;',
  ],
  ['arithmetic', 'const a = b + c;', 'const a = b - c;'],
  ['arithmetic', 'const a = b % c;', 'const a = b * c;'],
  ['arithmetic', 'const a = b++;', 'const a = b--;'],
  ['assignment', 'a.b += c;', 'a.b -= c;'],
  ['assignment', 'a.b ??= c;', 'a.b &&= c;'],
  ['boolean', 'const a = true;', 'const a = false;'],
  ['negation', 'const a = !(b || c);', 'const a = (b || c);'],
  ['call', 'await a.b();', ';'],
  ['call', 'void a?.b();', ';'],
  ['block', 'function a() { b = 1; }', 'function a() {}'],
  ['block', 'class A { b() { this.c = 1; } }', 'class A { b() {} }'],
  ['result', 'const a = () => b;', 'const a = () => (undefined);'],
  ['text', "const a = 'b';", "const a = '';"],
  ['text', 'const a = `b`;', 'const a = ``;'],
  ['list', 'const a = [b, c];', 'const a = [];'],
];

describe('A mutant', () => {
  for (const [kind, source, ...changed] of KINDS) {
    it(`of the kind ${kind} changes \`${source}\``, () => {
      expect(changes(source, kind)).to.deep.equal(changed);
    });
  }

  const untouched = {
    'an import':
      "import a from 'a'; import { b } from 'b'; export * from 'c'; export { d } from 'd';",
    'a type':
      "type A = 'a' | ['b']; interface B { c: true } let a: 'a' | true; declare function d(e: 'f'): 'g';",
    'the type of an expression': "const a = b as 'c' | ['d']; const e = f<'g'>;",
    'a property': "const a = { 'b-c': d };",
    'text beside text': "const a = ''; const b = ``;",
    'a sum of texts': 'throw new Error("b c" + d + e);',
    'the text of an error': "throw forbidden('not for you');",
    'the text of a line of the log': "deps.logger.warn({ b }, 'something is odd');",
    'the constructor of a derived class':
      'class A extends B { constructor() { super(); this.c = d; } }',
    'the step of a loop': 'for (let a = 0; ; a++) ;',
    'what is empty': 'function a() {} const b = () => {}; const c = () => undefined; const d = [];',
  };
  for (const [what, source] of Object.entries(untouched)) {
    it(`never changes ${what}`, () => {
      const kinds = ['text', 'list', 'boolean', 'block', 'arithmetic'];
      const all = mutantsOf(FILE, source).filter(({ kind }) => kinds.includes(kind));
      expect(all.map((mutant) => applied(mutant, source))).to.deep.equal([]);
    });
  }

  it('changes the code of an error, which programs read', () => {
    const source = "throw new AppError('forbidden', 'not for you');";
    expect(changes(source, 'text')).to.deep.equal([source.replace("'forbidden'", "''")]);
  });

  it('knows its line, its original text and the named function that it is in', () => {
    const source = 'function a() {\n  b.map((c) => c === 1);\n  d = 1;\n}\nconst e = 2 > f;\n';
    const all = mutantsOf(FILE, source);
    const places = all.map(({ kind, line, within, declared, original }) =>
      [kind, line, within || declared?.name, original].join(' '),
    );
    expect(places).to.include.members([
      'equality 2 a ===',
      'result 2 a c === 1',
      'call 2 a b.map((c) => c === 1);',
      'boundary 5 e >',
    ]);
  });

  it('is still TypeScript', () => {
    for (const [, source] of KINDS) {
      for (const text of changes(source)) expect(() => parse(FILE, text), text).to.not.throw();
    }
  });

  it('keeps its name when another part of the file changes', () => {
    const names = (source: string) => mutantsOf(FILE, source).map(({ id }) => id);
    const before = names('const a = b > c && b > d;');
    expect(new Set(before).size).to.equal(before.length);
    expect(names("const x = 'y';\nconst a = b > c && b > d;")).to.include.members(before);
  });
});

describe('A sample of mutants', () => {
  const sources = Array.from({ length: 20 }, (_, i) =>
    mutantsOf(`src/domain/f${i}.ts`, 'function a() { if (b > c) d(); }\nfunction e() { f = !g; }'),
  );
  const all = sources.flat();
  const ids = (mutants: readonly Mutant[]) => mutants.map(({ id }) => id);

  it('is decided by its seed', () => {
    expect(ids(sampleOf(all, 30, 'one'))).to.deep.equal(ids(sampleOf(all, 30, 'one')));
    expect(ids(sampleOf(all, 30, 'one'))).to.not.have.members(ids(sampleOf(all, 30, 'two')));
  });

  it('takes one of each function before it takes a second', () => {
    const places = sampleOf(all, 40, 'one').map(({ file, within }) => `${file} ${within}`);
    expect(new Set(places).size).to.equal(40);
    expect(sampleOf(all, 1_000, 'one')).to.have.lengthOf(all.length);
  });

  it('stays the same where other mutants come and go', () => {
    const fewer = all.filter(({ file }) => file !== 'src/domain/f3.ts');
    const kept = ids(sampleOf(all, 30, 'one')).filter((id) => !id.startsWith('src/domain/f3.ts'));
    expect(ids(sampleOf(fewer, 30, 'one'))).to.include.members(kept);
  });
});
