import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AnswerText,
  applyCompleted,
  applyDelta,
  applyLive,
  applyStatus,
  applyStored,
  cursorOf,
  emptyAnswer,
  isFinal,
  type Step,
} from '../../../src/contract/answer-text.js';
import type { Cursor, LiveText } from '../../../src/contract/events.js';
import { utf8Length } from '../../../src/contract/utf8-length.js';

const delta = (attempt: number, seq: number, text: string) => ({ attempt, seq, text });
const feed = (...deltas: ReturnType<typeof delta>[]): Step =>
  deltas.reduce<Step>((step, next) => applyDelta(step.answer, next), {
    answer: emptyAnswer(),
    todo: 'nothing',
  });

describe('the text of an answer', () => {
  it('appends deltas in order', () => {
    const { answer, todo } = feed(delta(1, 1, '你'), delta(1, 2, '好'), delta(1, 3, '👋'));
    expect(answer.text).to.equal('你好👋');
    expect(todo).to.equal('nothing');
  });

  it('drops what it has already', () => {
    const { answer } = feed(delta(1, 1, 'a'), delta(1, 2, 'b'), delta(1, 1, 'a'), delta(1, 2, 'b'));
    expect(answer.text).to.equal('ab');
  });

  it('asks to resume at a hole, and takes what it held once the hole is filled', () => {
    const holed = feed(delta(1, 1, 'a'), delta(1, 3, 'c'));
    expect(holed.todo).to.equal('resume');
    expect(cursorOf(holed.answer)).to.deep.equal({ attempt: 1, seq: 1 });
    const live = { status: 'streaming', attempt: 1, from_seq: 1, seq: 2, text: 'b' } as const;
    const filled = applyLive(holed.answer, live);
    expect(filled.answer.text).to.equal('abc');
    expect(filled.todo).to.equal('nothing');
  });

  it('starts over with a higher attempt and ignores a lower one', () => {
    const { answer } = feed(delta(1, 1, 'old'), delta(2, 1, 'new'), delta(1, 2, ' more'));
    expect(answer.text).to.equal('new');
    expect(answer.attempt).to.equal(2);
  });

  it('keeps the old text when only the status tells of a new attempt', () => {
    const { answer } = feed(delta(1, 1, 'kept'));
    const next = applyStatus(answer, { status: 'streaming', attempt: 2 });
    expect(next.text).to.equal('kept');
    expect(cursorOf(next).attempt).to.equal(1);
  });

  it('ends only when its last delta is here', () => {
    const end = { attempt: 1, seq: 2, bytes: 2, status: 'completed' } as const;
    const early = applyCompleted(feed(delta(1, 1, 'a')).answer, end);
    expect(early.todo).to.equal('resume');
    expect(early.answer.status).to.equal('streaming');
    const whole = applyDelta(early.answer, delta(1, 2, 'b'));
    expect(whole.answer.status).to.equal('completed');
    expect(whole.todo).to.equal('nothing');
  });

  it('asks for the whole text when its length is not the announced one', () => {
    const end = { attempt: 1, seq: 1, bytes: 4, status: 'completed' } as const;
    const step = applyCompleted(feed(delta(1, 1, 'bad')).answer, end);
    expect(step.todo).to.equal('resume');
    expect(cursorOf(step.answer)).to.deep.equal({ attempt: 0, seq: 0 });
    const live = { status: 'completed', attempt: 1, from_seq: 0, seq: 1, text: 'good' } as const;
    const healed = applyLive(step.answer, live);
    expect(healed.answer.text).to.equal('good');
    expect(healed.todo).to.equal('nothing');
  });

  it('takes a new attempt after an end, as when an answer is continued', () => {
    const stored = { status: 'stopped', attempt: 1, seq: 4, content: 'half' } as const;
    const ended = applyStored(emptyAnswer(), stored);
    const { answer } = applyDelta(ended, delta(2, 1, 'half and'));
    expect(answer.text).to.equal('half and');
    expect(answer.status).to.equal('streaming');
  });

  it('ignores what was read before a takeover', () => {
    const { answer } = feed(delta(2, 1, 'new'));
    const stale = { status: 'interrupted', attempt: 1, from_seq: 0, seq: 9, text: 'old' } as const;
    expect(applyLive(answer, stale).answer).to.equal(answer);
  });

  it('still asks for the end when the reply to an earlier question was overtaken', () => {
    const end = { attempt: 2, seq: 2, bytes: 2, status: 'completed' } as const;
    const { answer } = applyCompleted(feed(delta(2, 1, 'a')).answer, end);
    const stale = { status: 'streaming', attempt: 1, from_seq: 0, seq: 9, text: 'old' } as const;
    expect(applyLive(answer, stale).todo).to.equal('resume');
  });

  it('appends nothing that does not begin where it ends', () => {
    const { answer } = feed(delta(1, 1, 'a'), delta(1, 2, 'b'));
    const late = { status: 'streaming', attempt: 1, from_seq: 1, seq: 3, text: 'bc' } as const;
    expect(applyLive(answer, late).answer.text).to.equal('ab');
  });

  describe('of one that had ended and goes on', () => {
    const ended = applyStored(emptyAnswer(), {
      status: 'stopped',
      attempt: 1,
      seq: 4,
      content: 'half',
    });
    const announced = applyStatus(ended, { status: 'queued', attempt: 2 });
    const begun = applyDelta(announced, delta(2, 1, 'half')).answer;
    const live = (status: 'queued' | 'streaming', attempt: number, seq: number, text: string) => ({
      status,
      attempt,
      from_seq: 0,
      seq,
      text,
    });
    const end = (attempt: number, seq: number, text: string) =>
      ({ attempt, seq, bytes: utf8Length(text), status: 'completed' }) as const;
    const stored = { status: 'stopped', attempt: 1, seq: 4, content: 'half' } as const;

    type Row = [
      state: string,
      event: string,
      step: Step,
      status: string,
      text: string,
      todo: string,
    ];
    const status = (answer: AnswerText, to: 'queued' | 'streaming', attempt: number): Step => ({
      answer: applyStatus(answer, { status: to, attempt }),
      todo: 'nothing',
    });
    const keep = (answer: AnswerText): Step => ({ answer, todo: 'nothing' });
    const rows: Row[] = [
      ['ended', 'queued 2', status(ended, 'queued', 2), 'queued', 'half', 'nothing'],
      ['ended', 'streaming 2', status(ended, 'streaming', 2), 'streaming', 'half', 'nothing'],
      ['ended', 'queued 1', status(ended, 'queued', 1), 'stopped', 'half', 'nothing'],
      [
        'ended',
        'live queued 2',
        applyLive(ended, live('queued', 2, 0, '')),
        'queued',
        'half',
        'nothing',
      ],
      [
        'ended',
        'live 2',
        applyLive(ended, live('streaming', 2, 2, 'half of')),
        'streaming',
        'half of',
        'nothing',
      ],
      [
        'ended',
        'live 1',
        applyLive(ended, live('streaming', 1, 2, 'ha')),
        'stopped',
        'half',
        'nothing',
      ],
      [
        'ended',
        'delta 2.1',
        applyDelta(ended, delta(2, 1, 'half')),
        'streaming',
        'half',
        'nothing',
      ],
      ['ended', 'delta 2.2', applyDelta(ended, delta(2, 2, ' of')), 'streaming', '', 'resume'],
      ['ended', 'end 2', applyCompleted(ended, end(2, 2, 'half of')), 'stopped', 'half', 'resume'],
      [
        'queued',
        'delta 2.1',
        applyDelta(announced, delta(2, 1, 'half')),
        'streaming',
        'half',
        'nothing',
      ],
      [
        'queued',
        'delta 1.5',
        applyDelta(announced, delta(1, 5, ' late')),
        'queued',
        'half',
        'nothing',
      ],
      [
        'queued',
        'end 1',
        applyCompleted(announced, end(1, 4, 'half')),
        'queued',
        'half',
        'nothing',
      ],
      ['queued', 'stored 1', keep(applyStored(announced, stored)), 'queued', 'half', 'nothing'],
      [
        'queued',
        'live 1',
        applyLive(announced, live('streaming', 1, 2, 'ha')),
        'queued',
        'half',
        'nothing',
      ],
      [
        'queued',
        'live queued 2',
        applyLive(announced, live('queued', 2, 0, '')),
        'queued',
        'half',
        'nothing',
      ],
      [
        'queued',
        'stored 2',
        keep(applyStored(announced, { ...stored, attempt: 2, seq: 0 })),
        'stopped',
        'half',
        'nothing',
      ],
      ['streaming', 'queued 1', status(begun, 'queued', 1), 'streaming', 'half', 'nothing'],
      ['streaming', 'stored 1', keep(applyStored(begun, stored)), 'streaming', 'half', 'nothing'],
      [
        'streaming',
        'end 2',
        applyCompleted(begun, end(2, 1, 'half')),
        'completed',
        'half',
        'nothing',
      ],
    ];
    for (const [state, event, step, expected, text, todo] of rows) {
      it(`takes ${event} when ${state}`, () => {
        expect(step.answer).to.include({ status: expected, text });
        expect(step.todo).to.equal(todo);
      });
    }
  });

  it('counts UTF-8 as an encoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).to.equal(Buffer.byteLength(text));
      }),
    );
    expect(utf8Length('\ud83d')).to.equal(3);
  });
});

/** The server's side of one answer: every attempt's deltas, the last one complete. */
interface Log {
  attempts: string[][];
}

type Act =
  | { do: 'write' }
  | { do: 'arrive'; pick: number }
  | { do: 'drop'; pick: number }
  | { do: 'repeat'; pick: number }
  | { do: 'resume' }
  | { do: 'answer'; pick: number };

/** A network that loses, repeats and reorders what `server` sends to one reader. */
class World {
  answer: AnswerText = emptyAnswer();
  readonly #log: Log;
  readonly #wire: ((answer: AnswerText) => Step)[] = [];
  readonly #replies: LiveText[] = [];
  #attempt = 1;
  #seq = 0;
  #ended = false;

  constructor(log: Log) {
    this.#log = log;
  }

  get text(): string {
    return this.#log.attempts.at(-1)?.join('') ?? '';
  }

  act(act: Act): void {
    if (act.do === 'write') this.#write();
    else if (act.do === 'resume') this.#replies.push(this.read(cursorOf(this.answer)));
    else if (act.do === 'answer') this.#reply(act.pick);
    else this.#carry(act);
  }

  /** Does what the real server does for `generation:resume`. */
  read(cursor: Cursor): LiveText {
    const status = this.#ended ? 'completed' : 'streaming';
    const known = cursor.attempt === this.#attempt ? cursor.seq : 0;
    const texts = (this.#log.attempts[this.#attempt - 1] ?? []).slice(0, this.#seq);
    const seq = Math.max(this.#seq, known);
    const text = texts.slice(known).join('');
    return { message_id: 1, status, attempt: this.#attempt, from_seq: known, seq, text };
  }

  finish(): void {
    while (!this.#ended) this.#write();
    for (let tries = 0; tries < 5 && !isFinal(this.answer.status); tries += 1) {
      this.answer = applyLive(this.answer, this.read(cursorOf(this.answer))).answer;
    }
  }

  #write(): void {
    if (this.#ended) return;
    const text = this.#log.attempts[this.#attempt - 1]?.[this.#seq];
    if (text !== undefined) {
      this.#seq += 1;
      const next = delta(this.#attempt, this.#seq, text);
      this.#wire.push((answer) => applyDelta(answer, next));
    } else if (this.#attempt < this.#log.attempts.length) {
      this.#attempt += 1;
      this.#seq = 0;
    } else this.#end();
  }

  #end(): void {
    this.#ended = true;
    const bytes = Buffer.byteLength(this.text);
    const end = { attempt: this.#attempt, seq: this.#seq, bytes, status: 'completed' } as const;
    this.#wire.push((answer) => applyCompleted(answer, end));
  }

  #carry(act: { do: string; pick: number }): void {
    const index = this.#wire.length === 0 ? -1 : act.pick % this.#wire.length;
    const packet = this.#wire[index];
    if (packet === undefined) return;
    if (act.do !== 'repeat') this.#wire.splice(index, 1);
    if (act.do !== 'drop') this.answer = packet(this.answer).answer;
  }

  #reply(pick: number): void {
    const [reply] = this.#replies.splice(pick % (this.#replies.length || 1), 1);
    if (reply !== undefined) this.answer = applyLive(this.answer, reply).answer;
  }
}

const piece = fc.string({
  unit: fc.constantFrom('a', ' ', '你', '好', '👩‍🚀', 'é', '\n'),
  minLength: 1,
});
const pick = fc.nat({ max: 20 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'write' } as const) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('arrive' as const), pick: fc.constant(0) }) },
  fc.record({ do: fc.constantFrom('arrive' as const, 'drop', 'repeat', 'answer'), pick }),
  fc.constant({ do: 'resume' } as const),
);
const attempts = fc.array(fc.array(piece, { maxLength: 12 }), { minLength: 1, maxLength: 3 });

describe('the text of an answer on a bad network', () => {
  it('is at its end the server text, character for character', () => {
    fc.assert(
      fc.property(attempts, fc.array(act, { maxLength: 80 }), (texts, acts) => {
        const world = new World({ attempts: texts });
        for (const next of acts) world.act(next);
        world.finish();
        expect(world.answer.status).to.equal('completed');
        expect(world.answer.text).to.equal(world.text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is at every moment a prefix of what some attempt wrote', () => {
    fc.assert(
      fc.property(attempts, fc.array(act, { maxLength: 80 }), (texts, acts) => {
        const world = new World({ attempts: texts });
        for (const next of acts) {
          world.act(next);
          const { attempt, seq, text } = world.answer;
          expect(text).to.equal((texts[attempt - 1] ?? []).slice(0, seq).join(''));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
