import { expect } from 'chai';
import fc from 'fast-check';
import { JsonValues } from '../../../src/adapters/imports/json-values.js';
import { ShortStrings } from '../../../src/adapters/imports/short-strings.js';
import type { FoundValue } from '../../../src/ports/import-files.js';

/** Fed in pieces that end at these bytes. */
function read(text: string, cuts: readonly number[] = []): FoundValue[] {
  const bytes = new TextEncoder().encode(text);
  const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  const values = new JsonValues();
  const found: FoundValue[] = [];
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    found.push(...values.write(bytes.subarray(from, end)));
    from = end;
  }
  return [...found, ...values.end()];
}
const valuesOf = (text: string, cuts?: readonly number[]) =>
  read(text, cuts).map(({ value }) => value);
const cuts = fc.array(fc.nat(), { maxLength: 5 });

describe('A JSON text that arrives in pieces', () => {
  it('gives the entries of its list as they are, wherever the pieces end', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), cuts, (list, at) => {
        const text = JSON.stringify(list);
        expect(valuesOf(text, at)).to.deep.equal(parsed(text));
      }),
      { numRuns: 200 },
    );
  });

  it('gives the entries of `conversations`, with what stood before it', () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(list, cuts, (conversations, at) => {
        const text = JSON.stringify({ account: { username: 'zoe' }, conversations, after: [1] });
        const found = read(text, at);
        expect(found.map(({ value }) => value)).to.deep.equal(parsed(text).conversations);
        for (const { head } of found) expect(head.account).to.deep.equal({ username: 'zoe' });
      }),
    );
  });

  it('gives an object as a whole, also one that names `conversations` deeper down', () => {
    const value = { messages: [{ conversations: [1, 2] }], conversations: { a: 1 } };
    expect(valuesOf(JSON.stringify(value))).to.deep.equal([value]);
    expect(valuesOf(' 42 ')).to.deep.equal([42]);
    expect(valuesOf('\uFEFF[ "a" , null ]\n')).to.deep.equal(['a', null]);
  });

  it('is refused like JSON.parse refuses it', () => {
    const piece = fc.constantFrom(...'[]{},:"', 'a', '1', ' ', 'null', '"k":', '\\', '"x"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const parsed = outcome(() => JSON.parse(text));
        expect(
          outcome(() => read(text)),
          text,
        ).to.equal(parsed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has no prototype to set', () => {
    const [value] = valuesOf('[{"__proto__": {"title": "x"}, "id": 1}]');
    expect(Object(value).title).to.equal(undefined);
    expect(value).to.deep.equal({ id: 1 });
  });

  it('survives bytes that are no UTF-8', () => {
    const values = new JsonValues();
    const bytes = Uint8Array.from([...Buffer.from('["a'), 0xff, 0xc3, ...Buffer.from('"]')]);
    expect(values.write(bytes).map(({ value }) => value)).to.deep.equal(['a\uFFFD\uFFFD']);
  });

  it('loses the ends of long strings and of files, and nothing beside them', () => {
    const long = `${'x'.repeat(4_099_990)}${'\\u00e9'.repeat(20)}`;
    const [value] = valuesOf(`[["${long}", "data:image/png;base64,${'A'.repeat(50_000)}", "é"]]`, [
      ...[4_099_998, 4_100_003],
    ]);
    const [text, file, last] = value as string[];
    expect(text).to.equal(`${'x'.repeat(4_099_990)}${'é'.repeat(10)}`);
    expect(file).to.have.length(33_000);
    expect(last).to.equal('é');
  });

  it('holds a bounded part of what stands around its lists, however many there are', () => {
    const values = new JsonValues();
    const write = (text: string) => values.write(Buffer.from(text));
    const part = 'x'.repeat(32_768);
    write('{');
    for (let n = 0; n < 40; n += 1) {
      write(`"k${n}": "`);
      for (let parts = 0; parts < 32; parts += 1) write(part);
      write(`", "conversations": [${n}], `);
    }
    const [last] = write('"conversations": [{}]');
    const held = Object.keys(last?.head ?? {});
    expect(held).to.have.length.within(30, 32);
    expect(last).to.include({ problem: null });
  });

  it('shortens strings without touching what stands around them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), cuts, (value, at) => {
        const text = JSON.stringify(value);
        const strings = new ShortStrings();
        const ends = [...at.map((cut) => cut % (text.length + 1)), text.length].sort(
          (a, b) => a - b,
        );
        let from = 0;
        const out = ends.map((end) => {
          const piece = strings.pass(text.slice(from, end));
          from = end;
          return piece;
        });
        expect(out.join('')).to.equal(text);
      }),
    );
  });
});

/** Leaves out keys that would set a prototype. */
const parsed = (text: string) =>
  JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));

function outcome(work: () => unknown): 'read' | 'refused' {
  try {
    work();
    return 'read';
  } catch {
    return 'refused';
  }
}
