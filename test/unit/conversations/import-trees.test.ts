import { expect } from 'chai';
import fc from 'fast-check';
import { arrange, keep } from '../../../src/domain/imports/arrange.js';
import { chatGptDraft } from '../../../src/domain/imports/chatgpt.js';
import type { DraftNode } from '../../../src/domain/imports/draft.js';
import { finish } from '../../../src/domain/imports/finish.js';
import { libreChatDraft } from '../../../src/domain/imports/librechat.js';
import { type GptNode, gpt, libre, libreFile } from '../../support/foreign-files.js';

const node = (id: string, parent: string | null, rank?: number): DraftNode => ({
  ...{ id, parent, role: 'user', text: id, reasoning: '', model: null, at: null },
  ...(rank !== undefined && { rank }),
});

/** Any parents at all: missing ones, cycles, oneself. */
const graph = fc
  .array(fc.tuple(fc.integer({ min: -1, max: 12 }), fc.option(fc.nat(3))), { maxLength: 10 })
  .map((all) =>
    all.map(([parent, rank], id) =>
      node(String(id), parent < 0 ? null : String(parent), rank ?? undefined),
    ),
  );

describe('A tree of another product', () => {
  it('has each of its nodes once, behind its parent, whatever the file says', () => {
    fc.assert(
      fc.property(graph, (nodes) => {
        const ordered = arrange(nodes);
        expect(ordered.map(({ id }) => id).sort()).to.deep.equal(nodes.map(({ id }) => id).sort());
        const seen = new Set<string | null>([null]);
        for (const { id, parent } of ordered) {
          expect(seen.has(parent), `${id} below ${parent}`).to.equal(true);
          seen.add(id);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what hangs below nodes that are left out, in its order', () => {
    fc.assert(
      fc.property(graph, fc.func(fc.boolean()), (nodes, stays) => {
        const ordered = arrange(nodes);
        const { nodes: kept, nearest } = keep(ordered, ({ id }) => stays(id));
        const ids = ordered.filter(({ id }) => stays(id)).map(({ id }) => id);
        expect(kept.map(({ id }) => id)).to.deep.equal(ids);
        for (const { id, parent } of kept) {
          let above = ordered.find((each) => each.id === id)?.parent ?? null;
          while (above !== null && !stays(above)) {
            above = ordered.find((each) => each.id === above)?.parent ?? null;
          }
          expect(parent).to.equal(above);
          expect(nearest.get(id)).to.equal(id);
        }
      }),
    );
  });

  it('goes by the ranks of siblings, else by their order in the file', () => {
    const ranked = arrange([node('b', null, 1), node('a', null, 0), node('c', 'b', 5)]);
    expect(ranked.map(({ id }) => id)).to.deep.equal(['b', 'c', 'a']);
    const below = arrange([node('r', null), node('y', 'r', 1), node('x', 'r', 0)]);
    expect(below.map(({ id }) => id)).to.deep.equal(['r', 'x', 'y']);
  });

  it('may be twenty thousand messages deep, nested in its file too', () => {
    let tree = libre('last', 'last');
    for (let n = 0; n < 19_999; n += 1) tree = libre(`n${n}`, `${n}`, { children: [tree] });
    const finished = finish(libreChatDraft(libreFile('deep', [tree])), Date.now());
    if (typeof finished === 'string') throw new Error(finished);
    const { messages, active } = finished.conversation;
    expect(messages).to.have.length(20_000);
    expect(messages.map(({ parent }) => parent ?? -1)).to.deep.equal(
      messages.map((_, place) => place - 1),
    );
    expect(messages[active]?.content).to.equal('last');
  });

  it('may be a chain of ten thousand answers and questions', () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, n): GptNode => [
        ...([`n${n}`, n === 0 ? null : `n${n - 1}`] as const),
        ...([n % 2 ? 'assistant' : 'user', `${n}`] as const),
      ],
    );
    const finished = finish(chatGptDraft(gpt('long', chain)), Date.now());
    if (typeof finished === 'string') throw new Error(finished);
    const { messages, active } = finished.conversation;
    expect(messages.map(({ parent }) => parent ?? -1)).to.deep.equal(
      chain.map((_, place) => place - 1),
    );
    expect(active).to.equal(9_999);
  });

  it('may have more siblings than a call may have arguments', () => {
    const all = Array.from({ length: 150_000 }, (_, n) => node(`${n}`, n === 0 ? null : '0', n));
    expect(arrange(all.toReversed()).map(({ id }) => Number(id))).to.deep.equal([...all.keys()]);
  });

  it('is too large before answers that repeat a long one take memory', () => {
    const answers = Array.from(
      { length: 2_000 },
      (_, n): GptNode => [`a${n}`, 'long', 'assistant', `${n}`],
    );
    // All together they would have eight gigabytes.
    const long: GptNode = ['long', null, 'assistant', 'x'.repeat(4_000_000)];
    expect(finish(chatGptDraft(gpt('wide', [long, ...answers])), Date.now())).to.equal('too_large');
  });

  it('has no time that is later than now, and none that is no time', () => {
    const draft = libreChatDraft(
      libreFile('times', [
        libre('a', 'a', { createdAt: '2999-01-01T00:00:00Z' }),
        libre('b', 'b', { createdAt: 'yesterday' }),
        libre('c', 'c', { createdAt: -5 }),
      ]),
    );
    const now = Date.parse('2026-01-01T00:00:00Z');
    const finished = finish(draft, now);
    if (typeof finished === 'string') throw new Error(finished);
    const { messages, createdAt, lastMessageAt } = finished.conversation;
    for (const time of [...messages.map((each) => each.createdAt), createdAt, lastMessageAt]) {
      expect(time.getTime()).to.equal(now);
    }
  });
});
