import { expect } from 'chai';
import { isBeginning, judgeAnswer, type Stored } from '../../soak/answers.js';
import type { Ask, Shown, View } from '../../soak/book.js';
import { FAULTS, scheduleFaults, targetOf } from '../../soak/faults.js';
import { drawUp, type Evidence, type Turn } from '../../soak/ledger.js';
import type { Call } from '../../soak/model.js';
import { type Ending, planOf } from '../../soak/plan.js';
import { Random } from '../../soak/random.js';
import { Screen } from '../../soak/screen.js';

const WHOLE = 'Grüße 你好 👩‍🚀';

const call = (spoken: string, ending: Ending = 'whole', toldToTheEnd = true): Call => ({
  at: 0,
  plan: { spoken, pieces: [], ending, retryAfterMs: null },
  toldToTheEnd,
});

const answer = (given: Partial<Stored> = {}): Stored => ({
  id: 2,
  status: 'completed',
  attempt: 1,
  content: WHOLE,
  errorCode: null,
  ...given,
});

describe("The soak's judgement of an answer", () => {
  const CASES: [string, Partial<Stored>, Call[], 'lost' | 'wrong' | null, stopped?: boolean][] = [
    ['takes the whole text', {}, [call(WHOLE)], null],
    ['takes the text of a later call', {}, [call('other'), call(WHOLE)], null],
    ['sees a text that is not ended', { status: 'streaming', content: '' }, [call(WHOLE)], 'lost'],
    ['sees a missing end', { content: 'Grüße' }, [call(WHOLE)], 'lost'],
    ['sees one wrong character', { content: `${WHOLE}!` }, [call(WHOLE)], 'wrong'],
    ['sees two calls mixed', { content: 'ab12' }, [call('abcd'), call('0012')], 'wrong'],
    ['takes no text of a call that was broken off', {}, [call(WHOLE, 'cut')], 'wrong'],
    ['takes no text that the model has not ended', {}, [call(WHOLE, 'whole', false)], 'wrong'],
    [
      'takes a stop in the middle',
      { status: 'stopped', content: 'Grü' },
      [call(WHOLE)],
      null,
      true,
    ],
    ['sees a stop that nobody pressed', { status: 'stopped', content: '' }, [call(WHOLE)], 'wrong'],
    [
      'sees a wrong character of a stopped text',
      { status: 'stopped', content: 'GrU' },
      [call(WHOLE)],
      'wrong',
      true,
    ],
    [
      'takes what a cut left',
      { status: 'interrupted', content: 'Grü', errorCode: 'provider_unavailable' },
      [call(WHOLE, 'cut')],
      null,
    ],
    [
      'sees an interruption without a cut',
      { status: 'interrupted', content: 'Grü', errorCode: 'provider_unavailable' },
      [call(WHOLE)],
      'wrong',
    ],
    [
      'takes an answer whose tries were used up',
      { status: 'interrupted', content: 'Grü', errorCode: 'unavailable' },
      [call(WHOLE)],
      null,
    ],
    ['takes a refusal', { status: 'failed', content: '' }, [call(WHOLE, 500)], null],
    ['sees a failure without a refusal', { status: 'failed', content: '' }, [call(WHOLE)], 'wrong'],
  ];

  for (const [title, given, calls, fault, stopped = false] of CASES) {
    it(title, () => {
      expect(judgeAnswer(answer(given), calls, stopped).fault).to.equal(fault);
    });
  }

  it('takes U+FFFD only for half of a pair that was broken off', () => {
    expect(isBeginning('a\ufffd', 'a👍')).to.equal(true);
    expect(isBeginning('a\ufffd', 'ab')).to.equal(false);
  });
});

describe("The soak's ledger", () => {
  const receipt = { conversationId: 7, questionId: 1, answerId: 2 };
  const ask: Ask = {
    key: 'u01-1',
    phone: 'u01-page',
    manner: 'plain',
    content: '[u01-1] why?',
    at: 0,
    receipts: [receipt],
    refused: null,
    stopAt: null,
    waited: false,
    firstTextAt: 5,
  };
  const turn: Turn = { id: 1, conversationId: 7, content: ask.content, answers: [answer()] };
  const shown: Shown = { status: 'completed', text: WHOLE };

  const view = (screen: [number, Shown][], rest: Partial<View> = {}): View => ({
    phone: 'u01-page',
    conversationId: 7,
    leftAt: null,
    screen: new Map(screen),
    ends: new Map(),
    trail: [],
    ...rest,
  });

  const findings = (given: Partial<Evidence> = {}) =>
    drawUp({
      asks: new Map([[ask.key, ask]]),
      turns: [turn],
      calls: new Map([[ask.key, [call(WHOLE)]]]),
      views: [view([[2, shown]])],
      disorder: [],
      ...given,
    }).findings.map(({ bad }) => bad);

  const asked = (given: Partial<Ask>) => ({ asks: new Map([[ask.key, { ...ask, ...given }]]) });

  it('is empty when all agree', () => {
    expect(findings()).to.deep.equal([]);
  });

  it('has what was acknowledged and is not stored', () => {
    expect(findings({ turns: [], views: [] })).to.deep.equal(['lost']);
    expect(findings({ turns: [{ ...turn, answers: [] }], views: [] })).to.include('lost');
  });

  it('has a question that is stored twice, or was acknowledged as two', () => {
    const again = { ...turn, id: 3, answers: [answer({ id: 4 })] };
    expect(findings({ turns: [turn, again] })).to.include('doubled');
    expect(findings(asked({ receipts: [receipt, { ...receipt, answerId: 4 }] }))).to.include(
      'doubled',
    );
    expect(findings({ turns: [{ ...turn, answers: [answer(), answer({ id: 4 })] }] })).to.include(
      'doubled',
    );
  });

  it('has a question that was changed', () => {
    expect(findings({ turns: [{ ...turn, content: '[u01-1] why!' }] })).to.deep.equal(['wrong']);
  });

  it('has a send without a reply, unless it was given up', () => {
    expect(findings(asked({ receipts: [] }))).to.deep.equal(['stuck']);
    expect(findings(asked({ receipts: [], refused: 'GivenUp' }))).to.deep.equal([]);
  });

  it('has a screen that shows less, other text, or another status', () => {
    for (const screen of [
      [],
      [[2, { ...shown, text: 'Grüße' }]],
      [[2, { ...shown, status: 'streaming' }]],
      [
        [2, shown],
        [3, shown],
      ],
    ] as [number, Shown][][]) {
      expect(findings({ views: [view(screen)] })).to.deep.equal(['mismatch']);
    }
  });

  it('has a screen that was wrong when its answer ended', () => {
    const ends = new Map([[2, { ...shown, text: 'Grüße' }]]);
    expect(findings({ views: [view([[2, shown]], { ends })] })).to.deep.equal(['mismatch']);
  });

  it('asks a device that left only for what it had shown', () => {
    expect(findings({ views: [view([], { leftAt: 5 })] })).to.deep.equal([]);
  });
});

describe("The soak's raw screen", () => {
  let complaints: string[];
  let screen: Screen;
  const ids = { conversation_id: 7, message_id: 2 };
  const delta = (attempt: number, seq: number, text = `${seq} `) =>
    screen.delta({ ...ids, attempt, seq, text }, false);
  const rest = {
    status: 'completed',
    finish_reason: 'stop',
    usage: null,
    error: null,
    sha256: '',
  } as const;
  const ended = (attempt: number, seq: number, bytes: number) =>
    screen.completed({ ...ids, attempt, seq, bytes, ...rest });

  beforeEach(() => {
    complaints = [];
    screen = new Screen({ complain: (_, what) => complaints.push(what), count: () => {} });
    screen.live({ message_id: 2, status: 'queued', attempt: 0, from_seq: 0, seq: 0, text: '' });
  });

  it('takes deltas in order, repetitions, a new attempt and its end without complaint', () => {
    for (const [attempt, seq] of [
      [1, 1],
      [1, 2],
      [1, 2],
      [2, 1],
    ] as const) {
      expect(delta(attempt, seq)).to.equal('nothing');
    }
    expect(ended(2, 1, 2)).to.equal('nothing');
    expect(screen.lines.get(2)).to.include({ text: '1 ', status: 'completed' });
    expect(complaints).to.deep.equal([]);
  });

  it('wants what a hole lacks, and an end that comes too early', () => {
    delta(1, 1);
    expect(delta(1, 3)).to.equal('hole');
    expect(ended(1, 3, 6)).to.equal('hole');
  });

  it('complains of a lower attempt after a higher one', () => {
    delta(2, 1);
    delta(1, 1);
    expect(complaints).to.have.length(1);
  });

  it('complains of two different deltas of one number', () => {
    delta(1, 1, 'a');
    delta(1, 1, 'b');
    expect(complaints).to.have.length(1);
  });

  it('complains of an announced length that is not that of the text', () => {
    delta(1, 1);
    ended(1, 1, 99);
    expect(complaints).to.have.length(1);
  });

  it('complains of deltas after the end, and of two different ends', () => {
    delta(1, 1);
    ended(1, 1, 2);
    delta(1, 2);
    ended(1, 2, 4);
    expect(complaints).to.have.length(2);
  });
});

describe("The soak's seed", () => {
  it('decides every fault, and gives every kind its turn', () => {
    const faults = scheduleFaults(new Random('42'), 600_000);
    expect(scheduleFaults(new Random('42'), 600_000)).to.deep.equal(faults);
    expect(scheduleFaults(new Random('43'), 600_000)).to.not.deep.equal(faults);
    expect(new Set(faults.map(({ kind }) => kind))).to.deep.equal(new Set(Object.keys(FAULTS)));
    expect(new Set(faults.map(targetOf))).to.have.length(5);
    expect(faults.every(({ at, ms }) => at + ms <= 600_000)).to.equal(true);
  });

  it('decides what the model says, each time something else', () => {
    const plan = (key: string, nth: number) => planOf(new Random('42'), key, nth);
    expect(plan('u01-1', 1)).to.deep.equal(plan('u01-1', 1));
    expect(plan('u01-1', 2).spoken).to.not.equal(plan('u01-1', 1).spoken);
    expect(plan('u01-2', 1).spoken).to.not.equal(plan('u01-1', 1).spoken);
  });

  it('has the model say the whole text, cut anywhere, where it does not break off', () => {
    const plans = Array.from({ length: 300 }, (_, i) => planOf(new Random('42'), `u01-${i}`, 1));
    for (const { ending, pieces, spoken } of plans) {
      const told = pieces.map(({ text }) => text).join('');
      if (ending === 'whole') expect(told).to.equal(spoken);
      else expect(spoken.startsWith(told)).to.equal(true);
    }
    const kinds = plans.map(({ ending }) => ending);
    for (const kind of ['whole', 429, 500, 'cut'] as const) expect(kinds).to.include(kind);
  });
});
