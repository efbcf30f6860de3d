import { expect } from 'chai';
import type { Ask, Shown, View } from '../../../soak/book.js';
import type { Deed, Receipt } from '../../../soak/deeds.js';
import type { Evidence, Row, Step } from '../../../soak/facts.js';
import { drawUp } from '../../../soak/ledger.js';
import type { Call } from '../../../soak/model.js';
import type { Placed } from '../../../soak/tree.js';

const CONVERSATION = 7;
const at = (id: number, parentId: number | null, role: Placed['role']): Placed => ({
  id,
  conversationId: CONVERSATION,
  parentId,
  role,
});

/** A whole text of the model for a key. */
const said = (key: string, nth = 1) => `«${key}/${nth}» Grüße 你好 «${key}/${nth} ends»`;
const call = (key: string, nth = 1, rest: Partial<Call> = {}): Call => ({
  at: 0,
  plan: { spoken: said(key, nth), pieces: [], ending: 'whole', retryAfterMs: null },
  kept: null,
  toldToTheEnd: true,
  ...rest,
});

const question = (id: number, parentId: number | null, key: string): Row => ({
  ...at(id, parentId, 'user'),
  status: 'completed',
  attempt: 0,
  content: `[${key}] why?`,
  errorCode: null,
});
const answer = (id: number, parentId: number, content: string, rest: Partial<Row> = {}): Row => ({
  ...at(id, parentId, 'assistant'),
  status: 'completed',
  attempt: 1,
  content,
  errorCode: null,
  ...rest,
});

type Ids = [questionId: number | null, answerId: number | null];
const receipt = ([questionId, answerId]: Ids): Receipt => ({
  conversationId: CONVERSATION,
  questionId,
  answerId,
});

/** Deeds are one after another, unless told otherwise. */
const ask = (key: string, deed: Deed, ids: Ids | null, rest: Partial<Ask> = {}): Ask => {
  const begun = Number(key.slice(1)) * 100_000;
  return {
    key,
    phone: 'u01-page',
    manner: 'plain',
    deed,
    kept: null,
    at: begun,
    endedAt: ids ? begun + 10 : Number.POSITIVE_INFINITY,
    receipts: ids ? [receipt(ids)] : [],
    attempt: 0,
    gone: new Set(),
    refused: ids ? null : 'GivenUp',
    waited: false,
    firstTextAt: null,
    ...rest,
  };
};
const send = (key: string, ids: Ids | null, rest: Partial<Ask> = {}) =>
  ask(key, { kind: 'send', conversationId: CONVERSATION, content: `[${key}] why?` }, ids, rest);
const edit = (key: string, messageId: number, ids: Ids | null, rest: Partial<Ask> = {}) => {
  const content = `[${key}] why?`;
  return ask(key, { kind: 'edit', conversationId: CONVERSATION, messageId, content }, ids, rest);
};
const act = (
  key: string,
  kind: 'regenerate' | 'continue' | 'select' | 'delete',
  messageId: number,
  ids: Ids | null = [null, null],
  rest: Partial<Ask> = {},
) => ask(key, { kind, conversationId: CONVERSATION, messageId }, ids, rest);

const shownOf = ({ status, attempt, content }: Row): Shown => ({ status, attempt, text: content });

/** The view of a device that stayed and misses nothing. */
function viewOf(rows: readonly Row[], leafId: number | null, rest: Partial<View> = {}): View {
  const branch: Row[] = [];
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (let row = byId.get(leafId ?? 0); row; row = byId.get(row.parentId ?? 0)) branch.unshift(row);
  const answers = branch.filter(({ role }) => role === 'assistant');
  const questions = branch.filter(({ role }) => role === 'user');
  return {
    phone: 'u01-page',
    conversationId: CONVERSATION,
    leftAt: null,
    branch: branch.map(({ id }) => id),
    screen: new Map(answers.map((row) => [row.id, shownOf(row)])),
    questions: new Map(questions.map(({ id, content }) => [id, content])),
    ends: new Map(),
    trail: [],
    ...rest,
  };
}

interface Case extends Partial<Omit<Evidence, 'asks' | 'leaves' | 'calls'>> {
  asks: Ask[];
  rows: Row[];
  leaf: number | null;
  calls: Record<string, Call[]>;
}

const findings = ({ asks, leaf, calls, ...rest }: Case): string[] =>
  drawUp({
    stops: new Map(),
    steps: [],
    placed: rest.rows,
    unfinished: [],
    views: [viewOf(rest.rows, leaf)],
    disorder: [],
    ...rest,
    asks: new Map(asks.map((each) => [each.key, each])),
    leaves: new Map([[CONVERSATION, leaf]]),
    calls: new Map(Object.entries(calls)),
  }).findings.map(({ bad }) => bad);

describe("The soak's ledger", () => {
  const asked = question(1, null, 'k1');
  const told = answer(2, 1, said('k1'));
  const plain = {
    asks: [send('k1', [1, 2])],
    rows: [asked, told],
    leaf: 2,
    calls: { k1: [call('k1')] },
  };
  const sent = (rest: Partial<Ask>) => ({ ...plain, asks: [send('k1', [1, 2], rest)] });

  it('is empty when all agree', () => {
    expect(findings(plain)).to.deep.equal([]);
  });

  it('has what was acknowledged and is not stored', () => {
    expect(findings({ ...plain, rows: [], placed: [], leaf: null })).to.include('lost');
    expect(findings({ ...plain, rows: [asked], leaf: 1 })).to.include('lost');
  });

  it('has a question that is stored twice, or was acknowledged as two', () => {
    const twice = [asked, told, question(3, 2, 'k1'), answer(4, 3, said('k1', 2))];
    const calls = { k1: [call('k1'), call('k1', 2)] };
    expect(findings({ ...plain, rows: twice, leaf: 4, calls })).to.include('doubled');
    expect(findings(sent({ receipts: [receipt([1, 2]), receipt([1, 4])] }))).to.include('doubled');
    const others = [asked, told, answer(4, 1, said('k1', 2))];
    expect(findings({ ...plain, rows: others, calls })).to.include('doubled');
  });

  it('has a question that was changed', () => {
    const changed = { ...asked, content: '[k1] why!' };
    expect(findings({ ...plain, rows: [changed, told] })).to.deep.equal(['wrong']);
  });

  it('has a call without a reply, unless it was given up', () => {
    const none = { ...plain, rows: [], leaf: null };
    expect(findings({ ...none, asks: [send('k1', null, { refused: null })] })).to.deep.equal([
      'stuck',
    ]);
    expect(findings({ ...none, asks: [send('k1', null)] })).to.deep.equal([]);
  });

  it('has a screen that shows less, other text, another status or a strange answer', () => {
    const right = shownOf(told);
    for (const screen of [
      [[2, { ...right, text: 'Grüße' }]],
      [[2, { ...right, status: 'streaming' }]],
      [
        [2, right],
        [3, right],
      ],
    ] as [number, Shown][][]) {
      const views = [viewOf(plain.rows, 2, { screen: new Map(screen) })];
      expect(findings({ ...plain, views })).to.deep.equal(['mismatch']);
    }
    expect(findings({ ...plain, views: [viewOf([], null)] })).to.deep.equal(['mismatch']);
  });

  it('has a screen that was wrong when its answer ended', () => {
    const ends = new Map([[2, [{ ...shownOf(told), text: 'Grüße' }]]]);
    expect(findings({ ...plain, views: [viewOf(plain.rows, 2, { ends })] })).to.deep.equal([
      'mismatch',
    ]);
  });

  it('asks a device that left only for what it had shown', () => {
    const views = [viewOf([], null, { leftAt: 5 })];
    expect(findings({ ...plain, views })).to.deep.equal([]);
  });

  describe('of a regenerated answer', () => {
    const other = answer(3, 1, said('k1', 2));
    const again = {
      asks: [send('k1', [1, 2]), act('k2', 'regenerate', 2, [1, 3])],
      rows: [asked, told, other],
      leaf: 3,
      calls: { k1: [call('k1'), call('k1', 2)] },
    };
    const givenUp = { ...again, asks: [send('k1', [1, 2]), act('k2', 'regenerate', 2, null)] };

    it('is empty with exactly one more', () => {
      expect(findings(again)).to.deep.equal([]);
    });

    it('has one that is missing, or one too many', () => {
      expect(findings({ ...again, rows: [asked, told], leaf: 2 })).to.include('lost');
      const third = answer(4, 1, said('k1', 3));
      const calls = { k1: [...again.calls.k1, call('k1', 3)] };
      expect(findings({ ...again, rows: [...again.rows, third], calls })).to.deep.equal([
        'doubled',
      ]);
    });

    it('allows at most one after a call that was given up, none after a refusal', () => {
      expect(findings(givenUp)).to.deep.equal([]);
      expect(findings({ ...givenUp, rows: [asked, told], leaf: 2 })).to.deep.equal([]);
      const third = answer(4, 1, said('k1', 3));
      const calls = { k1: [...again.calls.k1, call('k1', 3)] };
      expect(findings({ ...givenUp, rows: [...again.rows, third], calls })).to.deep.equal([
        'doubled',
      ]);
      const refused = act('k2', 'regenerate', 2, null, { refused: 'conflict' });
      expect(findings({ ...again, asks: [send('k1', [1, 2]), refused] })).to.deep.equal([
        'doubled',
      ]);
    });

    it('has no finding if only the question was given up', () => {
      const unsure = [send('k1', null), act('k2', 'regenerate', 2, [1, 3])];
      expect(findings({ ...again, asks: unsure })).to.deep.equal([]);
      const third = answer(4, 1, said('k1', 3));
      const calls = { k1: [...again.calls.k1, call('k1', 3)] };
      const rows = [...again.rows, third];
      expect(findings({ ...again, asks: unsure, rows, calls })).to.deep.equal(['doubled']);
    });

    it('has two calls that got one answer, and repetitions that got two', () => {
      const two = [...again.asks, act('k3', 'regenerate', 2, [1, 3])];
      expect(findings({ ...again, asks: two })).to.deep.equal(['lost']);
      const receipts = [receipt([1, 3]), receipt([1, 4])];
      const torn = [send('k1', [1, 2]), act('k2', 'regenerate', 2, [1, 3], { receipts })];
      expect(findings({ ...again, asks: torn })).to.deep.equal(['doubled']);
    });

    it('has an answer to another question, and a text that two answers have', () => {
      const below = [asked, told, question(4, 2, 'k0'), answer(3, 4, said('k0'))];
      const calls = { k1: [call('k1')], k0: [call('k0')] };
      const asks = [send('k0', [4, 3]), ...again.asks];
      expect(findings({ ...again, asks, rows: below, calls })).to.include('wrong');
      expect(
        findings({ ...again, rows: [asked, told, { ...other, content: told.content }] }),
      ).to.deep.equal(['doubled']);
    });

    it('has an active branch that is not that of the last deed', () => {
      expect(findings({ ...again, leaf: 2 })).to.deep.equal(['wrong']);
      const crossed = [
        send('k1', [1, 2]),
        act('k2', 'regenerate', 2, [1, 3]),
        act('k3', 'select', 2, null),
      ];
      expect(findings({ ...again, asks: crossed, leaf: 2 })).to.deep.equal([]);
    });
  });

  describe('of a continued answer', () => {
    const kept = '«k1/1» Grüße';
    const rest = { plan: { ...call('k1').plan, ending: 'cut' as const } };
    const long = answer(2, 1, kept + said('k1', 2), { attempt: 3 });
    const calls = { k1: [call('k1', 1, rest), call('k1', 2, { kept: 'Grüße' })] };
    const onward = act('k2', 'continue', 2, [1, 2], { kept, attempt: 2 });
    const more = { asks: [send('k1', [1, 2]), onward], rows: [asked, long], leaf: 2, calls };
    const earlier: Shown = { status: 'interrupted', attempt: 1, text: kept };
    const ended = (end: Shown) => [
      viewOf(more.rows, 2, { ends: new Map([[2, [end, shownOf(long)]]]) }),
    ];

    it('is empty with what was kept and one text more', () => {
      expect(findings({ ...more, views: ended(earlier) })).to.deep.equal([]);
    });

    it('has a text that nobody asked for, another kept text, and a continuation that was lost', () => {
      expect(findings({ ...more, asks: [send('k1', [1, 2])] })).to.deep.equal(['doubled']);
      const denied = act('k2', 'continue', 2, null, { refused: 'conflict' });
      expect(findings({ ...more, asks: [send('k1', [1, 2]), denied] })).to.deep.equal(['doubled']);
      const other = { ...onward, kept: '«k1/1» grüße' };
      expect(findings({ ...more, asks: [send('k1', [1, 2]), other] })).to.deep.equal(['wrong']);
      const later = { ...onward, attempt: 4 };
      expect(findings({ ...more, asks: [send('k1', [1, 2]), later] })).to.deep.equal(['lost']);
    });

    it('has a continuation as another message', () => {
      const strange = { ...onward, receipts: [receipt([1, 9])] };
      expect(findings({ ...more, asks: [send('k1', [1, 2]), strange] })).to.deep.equal(['wrong']);
    });

    it('has a screen whose earlier end was not the beginning, or that was not continued', () => {
      expect(findings({ ...more, views: ended({ ...earlier, text: 'Grüße' }) })).to.deep.equal([
        'mismatch',
      ]);
      const views = [viewOf(more.rows, 2, { ends: new Map([[2, [earlier]]]) })];
      expect(findings({ ...plain, views: [viewOf(plain.rows, 2)] })).to.deep.equal([]);
      const whole = { ...plain, rows: [asked, { ...told, attempt: 2 }] };
      expect(findings({ ...whole, views: [{ ...views[0], ...{} } as View] })).to.include(
        'mismatch',
      );
    });
  });

  describe('of an edit', () => {
    const beside = question(3, null, 'k2');
    const reply = answer(4, 3, said('k2'));
    const calls = { ...plain.calls, k2: [call('k2')] };
    const edited = {
      asks: [send('k1', [1, 2]), edit('k2', 1, [3, 4])],
      rows: [asked, told, beside, reply],
      leaf: 4,
      calls,
    };
    const replaced = { ...plain, asks: [send('k1', [1, 2]), edit('k2', 1, [1, 2])] };
    const given = answer(3, 1, '[k2] why?', { attempt: 0 });
    const answered = {
      ...plain,
      asks: [send('k1', [1, 2]), edit('k2', 2, [1, 3])],
      rows: [asked, told, given],
      leaf: 3,
    };

    it('is empty with a question beside the other, with its own answer', () => {
      expect(findings(edited)).to.deep.equal([]);
    });

    it('has a question elsewhere, and one that did not become active', () => {
      const below = [asked, told, { ...beside, parentId: 2 }, reply];
      expect(findings({ ...edited, rows: below })).to.deep.equal(['wrong']);
      expect(findings({ ...edited, leaf: 2 })).to.deep.equal(['wrong']);
    });

    it('has an old text of a question that was changed in place', () => {
      const rows = [
        { ...asked, content: '[k2] why?' },
        { ...told, content: said('k2') },
      ];
      expect(findings({ ...replaced, rows, calls })).to.deep.equal([]);
      expect(findings(replaced)).to.deep.equal(['lost']);
      expect(findings({ ...replaced, rows: [rows[0] as Row, told], calls })).to.deep.equal([
        'wrong',
      ]);
    });

    it('has another text of an edited answer', () => {
      expect(findings(answered)).to.deep.equal([]);
      const rows = [asked, told, { ...given, content: '[k2] why!' }];
      expect(findings({ ...answered, rows })).to.deep.equal(['wrong']);
    });
  });

  describe('of a deletion', () => {
    const below = question(3, 2, 'k2');
    const reply = answer(4, 3, said('k2'));
    const all = [asked, told, below, reply];
    const calls = { ...plain.calls, k2: [call('k2')] };
    const asks = [send('k1', [1, 2]), send('k2', [3, 4])];
    const deletion = act('k3', 'delete', 3, [null, null], { gone: new Set([3, 4]) });
    const deleted = {
      asks: [...asks, deletion],
      rows: [asked, told],
      placed: all,
      leaf: 2,
      calls,
    };

    it('is empty when the message and all below are gone', () => {
      expect(findings(deleted)).to.deep.equal([]);
    });

    it('has what is still there', () => {
      expect(findings({ ...deleted, rows: all, leaf: 4 })).to.deep.equal(['lost', 'lost']);
      expect(findings({ ...deleted, rows: [asked, told, reply] })).to.include('wrong');
    });

    it('has what nobody deleted', () => {
      expect(findings({ ...deleted, asks })).to.include('lost');
      const refused = act('k3', 'delete', 3, null, { refused: 'forbidden' });
      expect(findings({ ...deleted, asks: [...asks, refused] })).to.include('lost');
      const unknown = act('k3', 'delete', 3, null);
      expect(findings({ ...deleted, asks: [...asks, unknown] })).to.deep.equal([]);
      const more = { ...deletion, gone: new Set([2, 3, 4]) };
      expect(findings({ ...deleted, asks: [...asks, more], rows: [asked], leaf: 1 })).to.include(
        'wrong',
      );
    });

    it('has an answer that was not ended, and a model that is still asked', () => {
      expect(findings({ ...deleted, unfinished: [4] })).to.deep.equal(['wrong']);
      const late = { ...calls, k2: [call('k2', 1, { at: deletion.endedAt + 60_000 })] };
      expect(findings({ ...deleted, calls: late })).to.deep.equal(['wrong']);
    });

    it('has a device that still shows it, unless it had left', () => {
      const stale = (leftAt: number | null) => [viewOf(all, 4, { leftAt })];
      expect(findings({ ...deleted, views: stale(null) })).to.include('mismatch');
      expect(findings({ ...deleted, views: stale(5) })).to.deep.equal([]);
    });

    it('has a message that came back under another id', () => {
      const back = [asked, told, question(5, 2, 'k2'), answer(6, 5, said('k2', 2))];
      const twice = { ...calls, k2: [call('k2'), call('k2', 2)] };
      const again = {
        ...deleted,
        rows: back,
        placed: [...all, ...back.slice(2)],
        leaf: 6,
        calls: twice,
      };
      expect(findings(again)).to.include('doubled');
    });
  });

  describe('of a question that interrupts', () => {
    const urgent = question(5, 4, 'k3');
    const rows = [
      ...[asked, answer(2, 1, '«k1/1» Grüße', { status: 'stopped' })],
      ...[question(3, 2, 'k2'), answer(4, 3, said('k2'))],
      ...[urgent, answer(6, 5, said('k3'))],
    ];
    const calls = { k1: [call('k1')], k2: [call('k2')], k3: [call('k3')] };
    const step = (answerId: number, state: Step['state']) => ({ answerId, state });
    const [waits, hurries] = [
      [step(2, 'queued'), step(2, 'running'), step(4, 'queued'), step(6, 'queued')],
      [step(6, 'running'), step(4, 'running')],
    ];
    const deed: Deed = {
      ...{ kind: 'send', conversationId: CONVERSATION, content: '[k3] why?' },
      how: 'interrupt',
    };
    const cut = {
      ...{ rows, calls, leaf: 6, steps: [...waits, ...hurries] },
      asks: [send('k1', [1, 2]), send('k2', [3, 4]), ask('k3', deed, [5, 6])],
    };

    it('is empty when what ran was stopped, and what waited came later', () => {
      expect(findings(cut)).to.deep.equal([]);
      const unknown = ask('k3', deed, null);
      const none = { ...cut, asks: [...cut.asks.slice(0, 2), unknown] };
      expect(findings(none)).to.deep.equal([]);
    });

    it('has an answer that waited and was begun before it', () => {
      const steps = [...waits, step(4, 'running'), step(6, 'running')];
      expect(findings({ ...cut, steps })).to.deep.equal(['wrong']);
      const begun = [...waits.slice(0, 3), step(4, 'running'), step(6, 'queued')];
      expect(findings({ ...cut, steps: [...begun, step(6, 'running')] })).to.deep.equal([]);
    });

    it('has a stop that it does not explain: of a later answer, or by a question that was refused', () => {
      const later = rows.map((row) =>
        row.id === 6 ? { ...row, status: 'stopped' as const } : row,
      );
      expect(findings({ ...cut, rows: later })).to.deep.equal(['wrong']);
      const refused = ask('k3', deed, null, { refused: 'conflict' });
      const asks = [...cut.asks.slice(0, 2), refused];
      expect(findings({ ...cut, asks, rows: rows.slice(0, 4), leaf: 4 })).to.deep.equal(['wrong']);
    });
  });

  describe('of a note', () => {
    const noted = question(3, 2, 'k2');
    const deed: Deed = {
      ...{ kind: 'send', conversationId: CONVERSATION, content: '[k2] why?' },
      how: 'note',
    };
    const note = {
      ...plain,
      asks: [send('k1', [1, 2]), ask('k2', deed, [3, null])],
      rows: [asked, told, noted],
      leaf: 3,
    };

    it('is empty when it is there, active, and without an answer', () => {
      expect(findings(note)).to.deep.equal([]);
      expect(
        findings({ ...note, asks: [note.asks[0] as Ask, ask('k2', deed, null)] }),
      ).to.deep.equal([]);
    });

    it('has one that is gone, that was answered, and that the model was asked about', () => {
      expect(findings({ ...note, rows: [asked, told], leaf: 2 })).to.include('lost');
      expect(findings({ ...note, leaf: 2 })).to.include('wrong');
      const calls = { ...plain.calls, k2: [call('k2')] };
      expect(findings({ ...note, calls })).to.deep.equal(['wrong']);
      const answered = [...note.rows, answer(4, 3, said('k2'))];
      expect(findings({ ...note, rows: answered, leaf: 4, calls })).to.include('wrong');
    });

    it('has a question without an answer that is none', () => {
      expect(findings({ ...note, asks: [send('k1', [1, 2]), send('k2', [3, null])] })).to.include(
        'lost',
      );
    });
  });

  describe('of branches', () => {
    const other = answer(3, 1, said('k1', 2));
    const two = {
      asks: [send('k1', [1, 2]), act('k2', 'regenerate', 2, [1, 3]), act('k3', 'select', 2)],
      rows: [asked, told, other],
      leaf: 2,
      calls: { k1: [call('k1'), call('k1', 2)] },
    };

    it('is empty when all devices show the active one', () => {
      expect(findings(two)).to.deep.equal([]);
    });

    it('has a selection that did not become active', () => {
      expect(findings({ ...two, leaf: 3 })).to.deep.equal(['wrong']);
    });

    it('has a device that stayed on another one', () => {
      const views = [viewOf(two.rows, 2), viewOf(two.rows, 3)];
      expect(findings({ ...two, views })).to.deep.equal(['mismatch']);
    });

    it('has a wrong end of an answer that the device no longer shows', () => {
      const ends = new Map([[3, [{ ...shownOf(other), text: 'Grüße' }]]]);
      expect(findings({ ...two, views: [viewOf(two.rows, 2, { ends })] })).to.deep.equal([
        'mismatch',
      ]);
    });

    it('has other texts of answers on other branches, and of questions', () => {
      const hold = (shown: Shown) =>
        viewOf(two.rows, 2, {
          screen: new Map([
            [2, shownOf(told)],
            [3, shown],
          ]),
        });
      expect(findings({ ...two, views: [hold(shownOf(other))] })).to.deep.equal([]);
      const wrong = { ...shownOf(other), text: 'Grüße' };
      expect(findings({ ...two, views: [hold(wrong)] })).to.deep.equal(['mismatch']);
      const questions = new Map([[1, 'why not?']]);
      expect(findings({ ...two, views: [viewOf(two.rows, 2, { questions })] })).to.deep.equal([
        'mismatch',
      ]);
    });

    it('has an active leaf that is gone, or no leaf', () => {
      const views = [viewOf([], null)];
      expect(findings({ ...two, leaf: 9, views })).to.include('wrong');
      expect(findings({ ...two, leaf: 1, views })).to.include('wrong');
      expect(findings({ ...two, leaf: null, views })).to.include('wrong');
    });
  });
});
