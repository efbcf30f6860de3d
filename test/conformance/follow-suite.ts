import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Cursor } from '../../src/contract/events.js';
import type { Message } from '../../src/contract/rest.js';
import { type Piece, spoken } from '../../src/contract/spoken.js';
import { AnswerFollower, type Delta, type End, endOf } from '../../src/domain/answers/follow.js';
import { completedEvent, outcomeOfMessage } from '../../src/domain/answers/outcome.js';
import { AnswerWatch } from '../../src/domain/answers/reading/answer-watch.js';
import { isFinished } from '../../src/entities/entities.js';
import { AppError, unavailable } from '../../src/entities/errors.js';
import type { LiveLog, LogKey } from '../../src/ports/live-log.js';
import type { Nodes } from './engine-suite.js';
import { Taker } from './taker.js';

const START = { attempt: 0, seq: 0 };
const LONG = 1_000;

let nextId = 900_000_000;

/** An answer as stored in Postgres, the log of its owner, and its followers. */
class Followed {
  readonly key: LogKey = { conversationId: nextId++, messageId: nextId++ };
  readonly abort = new AbortController();
  stored: Message | null;
  /** Postgres' reply instead of the answer. */
  failure: Error | null = null;
  asked: [id: number, userId: number][] = [];
  #attempt = 0;
  #deltas: Piece[] = [];

  constructor() {
    this.stored = {
      id: this.key.messageId,
      conversation_id: this.key.conversationId,
      parent_id: 1,
      role: 'assistant',
      author: null,
      status: 'streaming',
      content: '',
      sha256: null,
      reasoning: null,
      reasoning_ms: null,
      context: null,
      model: null,
      attempt: 0,
      seq: 0,
      client_id: null,
      finish_reason: null,
      usage: null,
      error: null,
      created_at: '2026-01-01T00:00:00.000Z',
      completed_at: null,
      sibling_ids: [this.key.messageId],
    };
  }

  get text(): string {
    return spoken(this.#deltas).text;
  }

  follow(log: LiveLog, cursor: Cursor = START): AsyncGenerator<Delta | End, void> {
    const find = async (id: number, userId: number) => {
      this.asked.push([id, userId]);
      if (this.failure) throw this.failure;
      return this.stored;
    };
    const messages = { find };
    const follower = new AnswerFollower({ log, messages, watch: new AnswerWatch(log) });
    return follower.follow(5, this.key.messageId, cursor, this.abort.signal);
  }

  async begin(log: LiveLog, attempt: number): Promise<void> {
    this.#attempt = attempt;
    this.#deltas = [];
    expect(await log.begin(this.key, attempt, `claim ${attempt}`)).to.equal('appended');
  }

  async say(log: LiveLog, ...texts: Piece[]): Promise<void> {
    for (const text of texts) {
      this.#deltas.push(text);
      const cursor = { attempt: this.#attempt, seq: this.#deltas.length };
      expect(await log.append(this.key, cursor, text)).to.equal('appended');
    }
  }

  /** A delta that the log lacks until it is written again. */
  keep(text: Piece): void {
    this.#deltas.push(text);
  }

  async rewrite(log: LiveLog): Promise<void> {
    const owner = `claim ${this.#attempt}`;
    await log.rewrite(this.key, this.#attempt, this.#deltas, owner);
  }

  /** Stores the end without announcing it. */
  store(content = this.text): void {
    const { length: seq } = this.#deltas;
    const reasoning = spoken(this.#deltas).reasoning || null;
    const end = { status: 'completed', content, reasoning, attempt: this.#attempt, seq } as const;
    if (this.stored) this.stored = { ...this.stored, ...end };
  }

  async end(log: LiveLog, content = this.text): Promise<void> {
    this.store(content);
    if (!this.stored || !isFinished(this.stored)) throw new Error('not stored');
    const event = completedEvent(this.key, outcomeOfMessage(this.stored));
    await log.publish(this.key.conversationId, event);
    await log.retire(this.key);
  }
}

/** Following an answer, from any node of any engine. `peer` is a second node. */
export function followConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`whoever follows an answer through the ${name} engine`, () => {
    let nodes: Nodes;
    let owner: LiveLog;
    let other: LiveLog;
    let answer: Followed;

    before(async () => {
      nodes = await createNodes();
      [owner, other] = [nodes.engine.log, nodes.peer.log];
    });
    after(() => nodes.stop());
    beforeEach(() => {
      answer = new Followed();
    });
    afterEach(() => answer.abort.abort());

    it('gets the reasoning beside the text, also where only the store has the rest of it', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, { text: '', reasoning: 'hm ' }, { text: 'so ', reasoning: 'ah' });
      const takers = [new Taker(answer.follow(owner)), new Taker(answer.follow(other))];
      for (const taker of takers) await taker.until('so ');
      await answer.say(owner, { text: 'what', reasoning: '!' });
      for (const taker of takers) await taker.until('so what');
      for (const taker of takers) expect(taker.reasoning).to.equal('hm ah!');
      answer.keep({ text: '', reasoning: ' Or not' });
      await answer.end(owner);
      for (const taker of takers) {
        expect(await taker.done).to.equal(undefined);
        expect(taker).to.include({ text: 'so what', ends: 1, resets: 0 });
        expect(taker.reasoning).to.equal('hm ah! Or not');
      }
    });

    it('gets what was said before, each delta after it, and the end, on every node', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'be', 'fore ');
      const takers = [new Taker(answer.follow(owner)), new Taker(answer.follow(other))];
      for (const taker of takers) await taker.until('before ');
      await answer.say(owner, 'and ', 'after 👩‍🚀');
      await answer.end(owner);
      for (const taker of takers) {
        expect(await taker.done).to.equal(undefined);
        expect(taker).to.include({ text: 'before and after 👩‍🚀', ends: 1, resets: 0 });
      }
    });

    it('gets what lies beyond a cursor, and nothing of what lies before', async () => {
      await answer.begin(owner, 2);
      await answer.say(owner, 'a', 'b', 'c');
      const taker = new Taker(answer.follow(other, { attempt: 2, seq: 1 }), { attempt: 2, seq: 1 });
      await taker.until('bc');
      await answer.say(owner, 'd');
      await answer.end(owner);
      await taker.done;
      expect(taker).to.include({ text: 'bcd', ends: 1, resets: 0 });
    });

    it('gets the whole text to a cursor of an earlier attempt', async () => {
      await answer.begin(owner, 2);
      await answer.say(owner, 'new');
      const cursor = { attempt: 1, seq: 7 };
      const taker = new Taker(answer.follow(other, cursor), cursor);
      await taker.until('new');
      await answer.end(owner);
      await taker.done;
      expect(taker).to.include({ text: 'new', ends: 1, resets: 1 });
    });

    it('gets what it lacks of an answer that has ended, and its end', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'one ', 'two');
      await answer.end(owner);
      const whole = new Taker(answer.follow(other));
      const cursor = { attempt: 1, seq: 1 };
      const rest = new Taker(answer.follow(other, cursor), cursor);
      const atEnd = { attempt: 1, seq: 2 };
      const none = new Taker(answer.follow(other, atEnd), atEnd);
      await Promise.all([whole.done, rest.done, none.done]);
      expect(whole).to.include({ text: 'one two', ends: 1 });
      expect(rest).to.include({ text: 'two', ends: 1, resets: 0 });
      expect(none).to.include({ pieces: 0, ends: 1 });
    });

    it('gets the text anew where only Postgres has it and nobody knows where it goes on', async () => {
      await answer.begin(owner, 3);
      answer.keep('never in ');
      answer.keep('the log');
      answer.store();
      const cursor = { attempt: 3, seq: 1 };
      const taker = new Taker(answer.follow(other, cursor), cursor);
      await taker.done;
      expect(taker).to.include({ text: 'never in the log', ends: 1, resets: 1 });
    });

    it('gets the text of a new attempt in the place of the old one, whichever node makes it', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'what the first', ' had said');
      const taker = new Taker(answer.follow(owner));
      await taker.until('what the first had said');
      await answer.begin(other, 2);
      const late = { attempt: 1, seq: 3 };
      expect(await owner.append(answer.key, late, 'late')).to.equal('fenced');
      await answer.say(other, 'what the ', 'second says');
      await answer.end(other);
      await taker.done;
      expect(taker).to.include({ text: 'what the second says', ends: 1, resets: 1 });
    });

    it('loses the text of an attempt that ended without any', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'in vain');
      const taker = new Taker(answer.follow(other));
      await taker.until('in vain');
      await answer.begin(owner, 2);
      await answer.end(owner);
      await taker.done;
      expect(taker).to.include({ text: '', ends: 1 });
    });

    it('gets what a log that was written again has more than it was told, and nothing twice', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'a');
      const taker = new Taker(answer.follow(other));
      await taker.until('a');
      answer.keep('b');
      answer.keep('c');
      await answer.rewrite(owner);
      await taker.until('abc');
      await answer.say(owner, 'd');
      await answer.end(owner);
      await taker.done;
      expect(taker).to.include({ text: 'abcd', ends: 1, resets: 0 });
    });

    it('gets from Postgres what the log never had', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'told ');
      const taker = new Taker(answer.follow(other));
      await taker.until('told ');
      answer.keep('and untold');
      await answer.end(owner);
      await taker.done;
      expect(taker).to.include({ text: 'told and untold', ends: 1, resets: 0 });
    });

    it('ends with the text that Postgres has, where that took less than was told', async () => {
      await answer.begin(owner, 1);
      await answer.say(owner, 'refused');
      const taker = new Taker(answer.follow(other));
      await taker.until('refused');
      await answer.end(owner, '');
      await taker.done;
      expect(taker).to.include({ text: '', ends: 1, resets: 1 });
    });

    it('may be slow: it gets larger pieces, and costs no more than some of them', async () => {
      await answer.begin(owner, 1);
      const items = answer.follow(other);
      await answer.say(owner, 'first ');
      expect((await items.next()).value).to.include({ text: 'first ' });
      const texts = Array.from({ length: LONG }, (_, i) => `${i} `);
      await answer.say(owner, ...texts);
      await answer.end(owner);
      const taker = new Taker(items, { attempt: 1, seq: 1 });
      await taker.done;
      expect(taker).to.include({ text: texts.join(''), ends: 1, resets: 0 });
      expect(taker.pieces).to.be.below(LONG / 2);
    });

    it('waits an outage of Postgres out', async () => {
      await answer.begin(owner, 1);
      const taker = new Taker(answer.follow(other));
      await answer.say(owner, 'text');
      await taker.until('text');
      answer.failure = unavailable(new Error('gone'));
      await answer.end(owner);
      await turn();
      answer.failure = null;
      await answer.rewrite(owner);
      await taker.done;
      expect(taker).to.include({ text: 'text', ends: 1 });
    });

    it('is asked for its right again, and hears nothing more without it', async () => {
      await answer.begin(owner, 1);
      const taker = new Taker(answer.follow(other));
      await answer.say(owner, 'seen ');
      await taker.until('seen ');
      answer.stored = null;
      await answer.rewrite(owner);
      const error = await taker.done;
      expect(error).to.be.instanceOf(AppError).and.to.include({ code: 'not_found' });
      expect(taker).to.include({ text: 'seen ', ends: 0 });
      const { messageId } = answer.key;
      expect(answer.asked).to.deep.equal(answer.asked.map(() => [messageId, 5]));
    });

    it('may not follow what it cannot see', async () => {
      answer.stored = null;
      expect(await new Taker(answer.follow(other)).done).to.include({ code: 'not_found' });
    });

    it('ends with the reason of its signal, even while it waits', async () => {
      await answer.begin(owner, 1);
      const taker = new Taker(answer.follow(other));
      await answer.say(owner, 'text');
      await taker.until('text');
      const reason = new AppError('session_revoked');
      answer.abort.abort(reason);
      expect(await taker.done).to.equal(reason);
    });

    it('may wait for nothing but the end', async () => {
      await answer.begin(owner, 1);
      const ended = endOf(answer.follow(other));
      await answer.say(owner, 'all of it');
      await answer.end(owner);
      expect(await ended).to.include({ status: 'completed', content: 'all of it' });
    });

    it('ends with exactly the stored text, whatever happens meanwhile', async () => {
      const steps = fc.array(
        fc.constantFrom('say', 'say', 'say', 'say', 'lose', 'rewrite', 'takeover', 'turn'),
        { minLength: 1, maxLength: 40 },
      );
      await fc.assert(
        fc.asyncProperty(steps, fc.nat(10), async (happens, joinsAt) => {
          const one = new Followed();
          let attempt = 1;
          let isBehind = false;
          let taker: Taker | null = null;
          await one.begin(owner, attempt);
          for (const [i, step] of happens.entries()) {
            if (i === joinsAt) taker = new Taker(one.follow(other));
            if (step === 'rewrite' || (isBehind && step === 'say')) {
              await one.rewrite(owner);
              isBehind = false;
            }
            if (step === 'say') await one.say(owner, `${attempt}:${i} `);
            if (step === 'lose') {
              one.keep(`${attempt}:${i} `);
              isBehind = true;
            }
            if (step === 'takeover') {
              attempt += 1;
              isBehind = false;
              await one.begin(owner, attempt);
            }
            if (step === 'turn') await turn();
          }
          taker ??= new Taker(one.follow(other));
          await one.end(owner);
          expect(await taker.done).to.equal(undefined);
          expect(taker.text).to.equal(one.text);
          expect(taker.ends).to.equal(1);
        }),
        { numRuns: 100 },
      );
    });
  });
}
