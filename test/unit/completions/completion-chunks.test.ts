import { expect } from 'chai';
import { ChunkReader, endOfChunk, Restarted } from '../../../src/domain/completions/chunks.js';

const BEGINNING = { attempt: 0, seq: 0 };
const TEXT = ['{"a":"é\\n"}', '{"b":"\\u001e 😀"}', '{"c":[1]}'].map(endOfChunk).join('');
const CHUNKS = ['{"a":"é\\n"}', '{"b":"\\u001e 😀"}', '{"c":[1]}'];

const idsAndTexts = (reader: ChunkReader, texts: readonly string[], attempt = 1) =>
  texts.flatMap((text, i) =>
    reader
      .read({ attempt, fromSeq: i, text })
      .map(({ attempt: of, seq, json }) => `${of}-${seq} ${json}`),
  );

describe('The chunks of a durable completion', () => {
  const whole = CHUNKS.map((json, i) => `1-${i + 1} ${json}`);

  it('are the same however the text was cut into deltas', () => {
    for (let size = 1; size <= TEXT.length; size += 1) {
      const texts: string[] = [];
      for (let from = 0; from < TEXT.length; from += size)
        texts.push(TEXT.slice(from, from + size));
      expect(idsAndTexts(new ChunkReader(BEGINNING), texts), `${size}`).to.deep.equal(whole);
    }
  });

  it('are not broken by a server that does not escape control characters', () => {
    const text = endOfChunk('{"a":"\u001e\0"}') + endOfChunk('{}');
    const found = idsAndTexts(new ChunkReader(BEGINNING), [text]);
    expect(found).to.deep.equal(['1-1 {"a":"\\u001e\\u0000"}', '1-2 {}']);
  });

  it('continue behind the one that the reader has', () => {
    for (const seq of [0, 1, 2, 3, 7]) {
      const found = idsAndTexts(new ChunkReader({ attempt: 1, seq }), [TEXT]);
      expect(found, `${seq}`).to.deep.equal(whole.slice(seq));
    }
  });

  it('begin again for a reader of an older attempt', () => {
    const found = idsAndTexts(new ChunkReader({ attempt: 1, seq: 2 }), [TEXT], 2);
    expect(found).to.deep.equal(whole.map((chunk) => chunk.replace('1-', '2-')));
  });

  it('are not given twice when the text of the same attempt is read again', () => {
    const reader = new ChunkReader(BEGINNING);
    const half = TEXT.slice(0, TEXT.length / 2);
    const first = idsAndTexts(reader, [half]);
    expect([...first, ...idsAndTexts(reader, [TEXT])]).to.deep.equal(whole);
  });

  it('end with a new attempt once some were given, and not before', () => {
    const reader = new ChunkReader(BEGINNING);
    reader.read({ attempt: 1, fromSeq: 0, text: '{"a"' });
    const [chunk] = reader.read({ attempt: 2, fromSeq: 0, text: endOfChunk('{}') });
    expect(chunk).to.deep.equal({ attempt: 2, seq: 1, json: '{}' });
    expect(() => reader.read({ attempt: 3, fromSeq: 0, text: TEXT })).to.throw(Restarted);
  });

  it('know a reader that comes back with chunks of an attempt that ended in the meantime', () => {
    const reader = new ChunkReader({ attempt: 2, seq: 1 });
    expect(idsAndTexts(reader, [TEXT], 2)).to.have.length(2);
    expect(() => reader.read({ attempt: 3, fromSeq: 0, text: TEXT })).to.throw(Restarted);
  });
});
