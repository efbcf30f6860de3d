import { expect } from 'chai';
import { judgeAnswer, type Past, type Stored } from '../../../soak/answers.js';
import { FAULTS, scheduleFaults, targetOf } from '../../../soak/faults.js';
import type { Call } from '../../../soak/model.js';
import { isBeginning } from '../../../soak/parts.js';
import { type Ending, planOf } from '../../../soak/plan.js';
import { Random } from '../../../soak/random.js';
import { Screen } from '../../../soak/screen.js';

const WHOLE = 'Grüße 你好 👩‍🚀';

const call = (spoken: string, ending: Ending = 'whole', toldToTheEnd = true): Call => ({
  at: 0,
  plan: { spoken, pieces: [], ending, retryAfterMs: null },
  kept: null,
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
      const past = { wasStopped: stopped, continues: 0, kept: [] };
      expect(judgeAnswer(answer(given), calls, past).fault).to.equal(fault);
    });
  }

  const first = call('«k/1» one two «k/1 ends»', 'cut');
  const second = { ...call('«k/2» three «k/2 ends»'), kept: 'one' };
  const third = { ...call('«k/3» four «k/3 ends»'), kept: 'three' };
  const CONTINUED: [string, string, Partial<Past>, 'lost' | 'doubled' | 'wrong' | null][] = [
    ['takes what was kept and one text', '«k/1» one«k/2» three «k/2 ends»', {}, null],
    [
      'takes one text for each time',
      '«k/1» one«k/2» three«k/3» four «k/3 ends»',
      { continues: 2 },
      null,
    ],
    ['sees one text too many', '«k/1» one«k/2» three«k/3» four «k/3 ends»', {}, 'doubled'],
    ['sees a missing end', '«k/1» one«k/2» thr', {}, 'lost'],
    ['sees that less was kept', '«k/1» o«k/2» three «k/2 ends»', {}, 'wrong'],
    [
      'sees that other text was kept',
      '«k/1» one«k/2» three «k/2 ends»',
      { kept: ['«k/1» two'] },
      'wrong',
    ],
    ['sees that the kept text was cut', '«k/1» one', { kept: ['«k/1» one two'] }, 'lost'],
    ['sees that the kept text is gone', '«k/2» three «k/2 ends»', {}, 'wrong'],
    [
      'sees texts in another order',
      '«k/2» three«k/1» one two «k/1 ends»',
      { continues: 2 },
      'wrong',
    ],
  ];

  for (const [title, content, past, fault] of CONTINUED) {
    it(`of a continued answer ${title}`, () => {
      const whole = { wasStopped: false, continues: 1, kept: ['«k/1» one'], ...past };
      if (past.kept === undefined && title.includes('kept')) whole.kept = [];
      const { fault: found } = judgeAnswer(answer({ content }), [first, second, third], whole);
      expect(found).to.equal(fault);
    });
  }

  it('takes a text that reached its maximum length only as far as it was told', () => {
    const plan = { spoken: WHOLE, pieces: [{ text: 'Grüße', afterMs: 0 }], retryAfterMs: null };
    const calls = [{ ...call(WHOLE), plan: { ...plan, ending: 'length' as const } }];
    expect(judgeAnswer(answer({ content: 'Grüße' }), calls).fault).to.equal(null);
    expect(judgeAnswer(answer({ content: 'Grüß' }), calls).fault).to.equal('lost');
    expect(judgeAnswer(answer(), calls).fault).to.equal('lost');
  });

  it('takes U+FFFD only for half of a pair that was broken off', () => {
    expect(isBeginning('a\ufffd', 'a👍')).to.equal(true);
    expect(isBeginning('a\ufffd', 'ab')).to.equal(false);
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

  it('takes the end of a continued answer that it saw end without its text', () => {
    expect(ended(1, 1, 2)).to.equal('hole');
    const live = { attempt: 2, from_seq: 0, seq: 1, text: '1 more' };
    screen.live({ message_id: 2, status: 'streaming', ...live });
    expect(ended(2, 1, 6)).to.equal('nothing');
    expect(screen.lines.get(2)).to.include({ text: '1 more', status: 'completed', attempt: 2 });
    expect(complaints).to.deep.equal([]);
  });

  it('goes on after an end with a higher attempt, whose first delta replaces the text', () => {
    delta(1, 1);
    ended(1, 1, 2);
    screen.status({ message_id: 2, status: 'queued', attempt: 2 });
    expect(screen.lines.get(2)).to.include({ text: '1 ', status: 'queued', attempt: 1 });
    ended(1, 1, 2);
    delta(1, 1);
    expect(delta(2, 1, '1 more')).to.equal('nothing');
    expect(ended(2, 1, 6)).to.equal('nothing');
    expect(screen.lines.get(2)).to.include({ text: '1 more', status: 'completed', attempt: 2 });
    expect(complaints).to.deep.equal([]);
  });

  it('complains of another end of the attempt with which it went on', () => {
    delta(1, 1);
    ended(1, 1, 2);
    delta(2, 1);
    ended(2, 1, 2);
    ended(2, 2, 4);
    expect(complaints).to.have.length(1);
  });

  it('forgets what is deleted or not on the page, and asks once about its deltas', () => {
    delta(1, 1);
    screen.removed([2]);
    expect(screen.lines.has(2)).to.equal(false);
    expect(delta(1, 2)).to.equal('open');
    expect(delta(1, 3)).to.equal('nothing');
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
