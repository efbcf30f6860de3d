import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createMemoryHub } from '../../../src/adapters/memory/hub.js';
import { createMemoryLog } from '../../../src/adapters/memory/live-log.js';
import { textOf } from '../../../src/contract/spoken.js';
import { LeaseLost } from '../../../src/domain/answers/abort-reasons.js';
import { AnswerLog } from '../../../src/domain/answers/answer-log.js';
import { DeltaFlusher } from '../../../src/domain/answers/running/delta-flusher.js';
import { FlushClock } from '../../../src/domain/answers/running/flush-clock.js';
import type { LiveLog } from '../../../src/ports/live-log.js';

const KEY = { conversationId: 1, messageId: 2 };
const START = { attempt: 0, seq: 0 };
const claim = (attempt: number, claimId = 'mine') => ({ attempt, claimId });

const flusherOf = (answer: AnswerLog, onFailure: (reason: Error) => void = () => {}) =>
  new DeltaFlusher(answer, { clock: new FlushClock(5), onFailure });

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('the owner’s side of a live log', () => {
  let log: LiveLog;
  let forget: () => void;

  beforeEach(() => {
    const hub = createMemoryHub();
    log = createMemoryLog(hub);
    forget = () => hub.logs.stop();
  });

  it('writes everything again when the log was lost and Postgres says that the answer is its own', async () => {
    const answer = new AnswerLog(log, KEY, claim(2), async () => true);
    await answer.begin();
    await answer.append('one ');
    forget();
    await answer.append('two ');
    await answer.append('three');
    expect(await log.read(KEY, START)).to.deep.equal({
      attempt: 2,
      fromSeq: 0,
      seq: 3,
      text: 'one two three',
    });
  });

  it('writes its text again when the log has gone back to an earlier attempt', async () => {
    await new AnswerLog(log, KEY, claim(1), async () => true).begin();
    for (let seq = 1; seq <= 3; seq += 1) await log.append(KEY, { attempt: 1, seq }, 'old ');
    const answer = new AnswerLog(
      { ...log, begin: async () => 'appended' },
      KEY,
      claim(2),
      async () => true,
    );
    await answer.begin();
    answer.deltas.push('new');
    await answer.catchUp();
    expect(await log.read(KEY, START)).to.include({ attempt: 2, seq: 1, text: 'new' });
  });

  it('knows whether the shared log has all that was appended', async () => {
    let reachable = true;
    const away = { ...log, append: async () => 'unreachable' as const };
    const shared: LiveLog = {
      ...log,
      append: (...args) => (reachable ? log : away).append(...args),
      rewrite: async (...args) => (reachable ? log.rewrite(...args) : 'unreachable'),
    };
    const answer = new AnswerLog(shared, KEY, claim(1), async () => true);
    await answer.begin();
    expect(answer.isWhole, 'nothing').to.equal(true);
    await answer.append('one ');
    expect(answer.isWhole, 'appended').to.equal(true);
    reachable = false;
    await answer.append('two ');
    expect(answer.isWhole, 'unreachable').to.equal(false);
    await answer.catchUp();
    expect(answer.isWhole, 'caught up without success').to.equal(false);
    reachable = true;
    await answer.append('three ');
    expect(answer.isWhole, 'written again').to.equal(true);
    reachable = false;
    await answer.append('four');
    reachable = true;
    await answer.catchUp();
    expect(answer.isWhole, 'caught up').to.equal(true);
    await answer.catchUp();
    expect(answer.isWhole, 'found whole').to.equal(true);
  });

  it('knows the digest of its text at any time, however long that is, and leaves reasoning out of it', async () => {
    const answer = new AnswerLog(log, KEY, claim(1), async () => true);
    await answer.begin();
    const digest = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(answer.sha256).to.equal(digest(''));
    let text = '';
    for (const piece of ['short ', '你好 '.repeat(5_000), { text: 'é', reasoning: 'hm' }, '👋']) {
      await answer.append(piece);
      text += textOf(piece);
      expect(answer.sha256).to.equal(digest(text));
    }
    expect(answer).to.include({ text, reasoning: 'hm' });
  });

  it('gives up when the log was lost and the answer is another’s', async () => {
    const answer = new AnswerLog(log, KEY, claim(1), async () => false);
    await answer.begin();
    forget();
    expect(await rejection(answer.append('late'))).to.be.instanceOf(LeaseLost);
    expect(await log.read(KEY, START)).to.equal(null);
  });

  it('gives up as soon as a higher attempt has marked the log', async () => {
    const zombie = new AnswerLog(log, KEY, claim(1), async () => true);
    await zombie.begin();
    await new AnswerLog(log, KEY, claim(2), async () => true).begin();
    expect(await rejection(zombie.append('late'))).to.be.instanceOf(LeaseLost);
    expect(
      await rejection(new AnswerLog(log, KEY, claim(1), async () => true).begin()),
    ).to.be.instanceOf(LeaseLost);
  });

  it('gives up when another claim has begun the same attempt, and adds nothing to its text', async () => {
    const heir = new AnswerLog(log, KEY, claim(1, 'heir'), async () => true);
    await heir.begin();
    await heir.append('of the heir');
    const zombie = new AnswerLog(log, KEY, claim(1, 'zombie'), async () => true);
    expect(await rejection(zombie.begin())).to.be.instanceOf(LeaseLost);
    expect(await rejection(zombie.append('of the zombie'))).to.be.instanceOf(LeaseLost);
    expect(await rejection(zombie.catchUp())).to.be.instanceOf(LeaseLost);
    expect(await log.read(KEY, START)).to.include({ attempt: 1, text: 'of the heir' });
  });

  it('goes on with another number when its claim was given one', async () => {
    await new AnswerLog(log, KEY, claim(3, 'lost'), async () => true).begin();
    const answer = new AnswerLog(log, KEY, claim(3), async () => true);
    expect(await rejection(answer.begin())).to.be.instanceOf(LeaseLost);
    answer.renumber(claim(4));
    await answer.begin();
    await answer.append('mine');
    expect(await log.read(KEY, START)).to.include({ attempt: 4, text: 'mine' });
  });

  it('tells the run when it is fenced in mid-stream, and writes no more', async () => {
    const failures: Error[] = [];
    const answer = new AnswerLog(log, KEY, claim(1), async () => true);
    await answer.begin();
    const writer = flusherOf(answer, (error) => failures.push(error));
    writer.push('mine');
    await log.begin(KEY, 2);
    await new Promise((resolve) => setImmediate(resolve));
    writer.push(' late');
    writer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures.map((error) => error.name)).to.deep.equal(['LeaseLost']);
    expect(await log.read(KEY, START)).to.include({ attempt: 2, text: '' });
  });

  describe('that cannot be reached for a while', () => {
    let away: boolean;
    let flaky: LiveLog;

    beforeEach(() => {
      away = false;
      flaky = {
        ...log,
        append: async (key, cursor, text) => (away ? 'unreachable' : log.append(key, cursor, text)),
      };
    });

    const turn = () => new Promise((resolve) => setImmediate(resolve));

    it('is written again when it is back, without waiting for the model', async () => {
      const answer = new AnswerLog(flaky, KEY, claim(1), async () => true);
      await answer.begin();
      const writer = flusherOf(answer);
      away = true;
      writer.push('said in the outage');
      await turn();
      expect(await log.read(KEY, START)).to.include({ seq: 0, text: '' });
      away = false;
      writer.catchUp();
      await turn();
      expect(await log.read(KEY, START)).to.include({ seq: 1, text: 'said in the outage' });
    });

    it('is written again after the append that is under way when it comes back', async () => {
      const answer = new AnswerLog(flaky, KEY, claim(1), async () => true);
      await answer.begin();
      const writer = flusherOf(answer);
      away = true;
      writer.push('at the last moment');
      away = false;
      writer.catchUp();
      await turn();
      expect(await log.read(KEY, START)).to.include({ seq: 1, text: 'at the last moment' });
    });

    it('is written again when it was lost in an outage in which nothing was said', async () => {
      const answer = new AnswerLog(flaky, KEY, claim(1), async () => true);
      await answer.begin();
      const writer = flusherOf(answer);
      writer.push('before');
      await turn();
      forget();
      writer.catchUp();
      await turn();
      expect(await log.read(KEY, START)).to.include({ seq: 1, text: 'before' });
    });

    it('is left alone when it lacks nothing', async () => {
      const answer = new AnswerLog(flaky, KEY, claim(1), async () => false);
      await answer.begin();
      const failures: Error[] = [];
      const writer = flusherOf(answer, (error) => failures.push(error));
      writer.push('whole');
      await turn();
      writer.catchUp();
      await turn();
      expect(failures).to.deep.equal([]);
      expect(await log.read(KEY, START)).to.include({ seq: 1, text: 'whole' });
    });
  });

  it('writes the first piece at once and gathers the rest while an append is under way', async () => {
    const pending: (() => void)[] = [];
    const appended: string[] = [];
    const slow: LiveLog = {
      ...log,
      append: async (key, cursor, text) => {
        appended.push(textOf(text));
        await new Promise<void>((resolve) => pending.push(resolve));
        return log.append(key, cursor, text);
      },
    };
    const answer = new AnswerLog(slow, KEY, claim(1), async () => true);
    await answer.begin();
    const writer = flusherOf(answer);
    writer.push('a');
    expect(appended).to.deep.equal(['a']);
    for (const piece of ['b', 'c', 'd']) {
      writer.push(piece);
      writer.flush();
    }
    expect(appended).to.deep.equal(['a']);
    const end = writer.end();
    while (pending.length > 0) {
      pending.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end;
    expect(appended).to.deep.equal(['a', 'bcd']);
  });
});
