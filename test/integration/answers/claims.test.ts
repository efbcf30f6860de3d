import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { startTcpProxy } from '../../../lab/stores/tcp-proxy.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createTreeRepository } from '../../../src/adapters/postgres/conversations/tree-repository.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { transaction } from '../../../src/adapters/postgres/sql/sql.js';
import type { Outcome } from '../../../src/entities/entities.js';
import type { ClaimLimits } from '../../../src/ports/repositories/generation-repository.js';

const limits = (change: Partial<ClaimLimits> = {}): ClaimLimits => ({
  nodeId: 'a',
  room: 100,
  perUser: 100,
  leaseMs: 60_000,
  takeOver: true,
  ...change,
});

const outcome = (attempt: number, content: string): Outcome => ({
  status: 'completed',
  content,
  sha256: createHash('sha256').update(content).digest('hex'),
  reasoning: null,
  reasoningMs: null,
  vendor: null,
  model: null,
  context: null,
  cursor: { attempt, seq: 1 },
  finishReason: 'stop',
  usage: null,
  currency: null,
  error: null,
});

const SILENCE_MS = 200;

describe('generation claims', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 12 });
    turns = createTurns(sequelize);
  });
  afterEach(async () => {
    await sequelize.close();
    await database.drop();
  });

  const claimedIds = async (change: Partial<ClaimLimits> = {}) =>
    (await turns.generations.claim(limits(change))).map((claim) => claim.generationId);

  const askTimes = async (times: number) => {
    const userId = await turns.user();
    const ids: number[] = [];
    for (let i = 0; i < times; i++) {
      ids.push((await turns.ask(userId, await turns.conversation(userId))).generationId);
    }
    return ids;
  };

  it('take the lowest ids first, as many as there is room for', async () => {
    const ids = await askTimes(5);
    expect(await claimedIds({ room: 3 })).to.deep.equal(ids.slice(0, 3));
    expect(await claimedIds({ room: 0 })).to.deep.equal([]);
    expect(await claimedIds()).to.deep.equal(ids.slice(3));
  });

  it('set the message streaming and raise its attempt', async () => {
    const userId = await turns.user();
    const { answer } = await turns.ask(userId, await turns.conversation(userId));
    const [claim] = await turns.generations.claim(limits());
    expect(claim).to.include({ messageId: answer.id, attempt: 1, tries: 1, userId });
    expect(await turns.messages.get(answer.id)).to.include({ status: 'streaming', attempt: 1 });
  });

  it('take one at a time per conversation, the next when the first has ended', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const first = await turns.ask(userId, conversationId);
    const second = await turns.ask(userId, conversationId);
    const [claim] = await turns.generations.claim(limits());
    expect(claim?.generationId).to.equal(first.generationId);
    expect(await claimedIds()).to.deep.equal([]);
    if (claim) await turns.generations.finish(claim, outcome(1, 'text'));
    expect(await claimedIds()).to.deep.equal([second.generationId]);
  });

  it('never give one generation to two of many competing nodes, nor a user more than the cap', async () => {
    const users = [await turns.user(), await turns.user()];
    for (let i = 0; i < 10; i++) {
      for (const userId of users) await turns.ask(userId, await turns.conversation(userId));
    }
    const rounds = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        turns.generations.claim(limits({ nodeId: `n${i}`, room: 2, perUser: 4 })),
      ),
    );
    await turns.generations.claim(limits({ perUser: 4 }));
    const ids = rounds.flat().map((claim) => claim.generationId);
    expect(new Set(ids).size).to.equal(ids.length);
    const running = await turns.sql.rows<{ count: number }>(
      `SELECT count(*) FROM generations WHERE state = 'running' GROUP BY user_id ORDER BY user_id`,
    );
    expect(running.map((row) => row.count)).to.deep.equal([4, 4]);
  });

  it('never let many competing nodes begin more than the total, which holds up no takeover', async () => {
    for (let i = 0; i < 12; i++) {
      const userId = await turns.user();
      await turns.ask(userId, await turns.conversation(userId));
    }
    const compete = () =>
      Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          turns.generations.claim(limits({ nodeId: `n${i}`, room: 3, total: 5 })),
        ),
      );
    const begun = (await compete()).flat();
    expect(begun.map(({ attempt }) => attempt)).to.deep.equal([1, 1, 1, 1, 1]);
    expect((await compete()).flat()).to.deep.equal([]);
    await turns.expireLeases();
    const takenOver = (await compete()).flat();
    const ids = (claims: typeof begun) => claims.map(({ generationId }) => generationId).sort();
    expect(ids(takenOver)).to.deep.equal(ids(begun));
    const [ended] = takenOver;
    if (ended) await turns.generations.finish(ended, outcome(2, 'text'));
    expect((await compete()).flat().map(({ attempt }) => attempt)).to.deep.equal([1]);
  });

  it('take nothing over when Postgres was silent for so long that living owners may have lost their leases', async () => {
    const url = new URL(database.url);
    const proxy = await startTcpProxy(Number(url.port));
    const distant = createSequelize({
      url: Object.assign(url, { port: String(proxy.port) }).href,
      poolMax: 1,
    });
    const claim = (leaseMs: number) =>
      createTurns(distant).generations.claim(limits({ nodeId: 'heir', leaseMs }));
    const [taken = 0] = await askTimes(1);
    await turns.generations.claim(limits({ leaseMs: 1 }));
    try {
      proxy.mute(() => true);
      const late = claim(2 * SILENCE_MS);
      // The silence itself is tested: half of the lease.
      await sleep(SILENCE_MS);
      proxy.heal();
      expect(await late).to.deep.equal([]);
      expect((await claim(60_000)).map(({ generationId }) => generationId)).to.deep.equal([taken]);
    } finally {
      await distant.close();
      await proxy.stop();
    }
  });

  it('take over an expired lease with a higher attempt, and fence its first owner', async () => {
    const userId = await turns.user();
    const { answer } = await turns.ask(userId, await turns.conversation(userId));
    const [zombie] = await turns.generations.claim(limits({ nodeId: 'zombie' }));
    await turns.expireLeases();
    expect(await claimedIds({ takeOver: false })).to.deep.equal([]);
    const [heir] = await turns.generations.claim(limits({ nodeId: 'heir' }));
    if (!zombie || !heir) throw new Error('not claimed');
    expect(heir).to.include({ attempt: 2, tries: 2 });
    expect(await turns.generations.renew('zombie', 60_000, [zombie])).to.deep.equal([]);
    expect(await turns.generations.finish(zombie, outcome(1, 'old'))).to.equal('fenced');
    expect(await turns.generations.finish(heir, outcome(2, 'new'))).to.equal('finished');
    expect(await turns.generations.finish(heir, outcome(2, 'new'))).to.equal('already');
    expect(await turns.messages.get(answer.id)).to.include({ content: 'new', attempt: 2 });
  });

  it('keep a renewed lease and tell of a stop that was asked for', async () => {
    const userId = await turns.user();
    const { answer, generationId } = await turns.ask(userId, await turns.conversation(userId));
    const [claim] = await turns.generations.claim(limits());
    if (!claim) throw new Error('not claimed');
    await turns.expireLeases();
    const kept = await turns.generations.renew('a', 60_000, [claim]);
    expect(kept).to.deep.equal([{ generationId, stopRequested: false }]);
    expect(await claimedIds()).to.deep.equal([]);
    await turns.generations.requestStop(answer.id, 1_000);
    const told = await turns.generations.renew('a', 60_000, [claim]);
    expect(told).to.deep.equal([{ generationId, stopRequested: true }]);
  });

  it('end a stopped one that never ran, and let its successor go first', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const first = await turns.ask(userId, conversationId);
    const second = await turns.ask(userId, conversationId);
    const stop = await turns.generations.requestStop(first.answer.id, 1_000);
    expect(stop).to.include({ state: 'finished', generationId: first.generationId });
    expect(await turns.messages.get(first.answer.id)).to.include({ status: 'stopped' });
    expect(await claimedIds()).to.deep.equal([second.generationId]);
    expect(await turns.generations.requestStop(first.answer.id, 1_000)).to.equal(null);
  });

  it('count a hand-back as no try', async () => {
    const userId = await turns.user();
    const { answer } = await turns.ask(userId, await turns.conversation(userId));
    const [claim] = await turns.generations.claim(limits());
    if (claim) await turns.generations.handBack(claim);
    expect(await turns.messages.get(answer.id)).to.include({ status: 'queued' });
    const [again] = await turns.generations.claim(limits());
    expect(again).to.include({ attempt: 2, tries: 1 });
    if (again) await turns.generations.handBack(again, 1);
    const [tried] = await turns.generations.claim(limits());
    expect(tried).to.include({ attempt: 3, tries: 2 });
  });

  it('take nothing that waits in a conversation while an interruption of it is being stored', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const { generationId } = await turns.ask(userId, conversationId);
    await transaction(sequelize, async (sql) => {
      expect(await createTreeRepository(sql).running(conversationId)).to.deep.equal([]);
      expect(await claimedIds()).to.deep.equal([]);
    });
    expect(await claimedIds()).to.deep.equal([generationId]);
  });

  it('pass over those of paused models, but not those that are only to be stopped, nor rows without a model', async () => {
    const [paused, stopped, older, other] = await askTimes(4);
    await turns.sql.run('UPDATE generations SET stop_requested = true WHERE id = $1', [stopped]);
    await turns.setModel(older, null);
    await turns.setModel(other, 'another');
    const pausedModels = ['a-model', 'third'];
    expect(await claimedIds({ pausedModels, room: 1 })).to.deep.equal([stopped, older]);
    expect(await claimedIds({ pausedModels })).to.deep.equal([other]);
    await turns.expireLeases();
    expect(await claimedIds({ pausedModels })).to.deep.equal([stopped, older, other]);
    expect(await claimedIds()).to.deep.equal([paused]);
  });

  it('hand finished but unannounced answers of a dead node to exactly one other', async () => {
    const userId = await turns.user();
    const { answer } = await turns.ask(userId, await turns.conversation(userId));
    const [claim] = await turns.generations.claim(limits());
    if (claim) await turns.generations.finish(claim, outcome(1, 'text'));
    expect(await turns.generations.claimUnannounced('b', 60_000, 10)).to.deep.equal([]);
    await turns.expireLeases();
    const taken = await Promise.all([
      turns.generations.claimUnannounced('b', 60_000, 10),
      turns.generations.claimUnannounced('c', 60_000, 10),
    ]);
    expect(taken.flat().map(({ message }) => message?.id)).to.deep.equal([answer.id]);
  });

  it('are raised again where the reply was lost, until another owner has them', async () => {
    const userId = await turns.user();
    const { answer } = await turns.ask(userId, await turns.conversation(userId));
    const [claim] = await turns.generations.claim(limits());
    if (!claim) throw new Error('There is something to claim.');
    expect(await turns.generations.raise(claim, 4)).to.include({ attempt: 5 });
    const raised = await turns.generations.raise(claim, 4);
    expect(raised).to.deep.equal({ ...claim, attempt: 6 });
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 6 });
    expect(await turns.generations.holds(claim)).to.equal(false);
    expect(raised && (await turns.generations.holds(raised))).to.equal(true);
    await turns.expireLeases();
    expect(await turns.generations.claim(limits({ nodeId: 'b' }))).to.have.length(1);
    expect(await turns.generations.raise(claim, 4)).to.equal(null);
  });

  it('are forgotten after their end was announced, and never before it', async () => {
    const ids = await askTimes(3);
    const [first] = await turns.generations.claim(limits({ room: 2 }));
    if (!first) throw new Error('There is something to claim.');
    await turns.generations.finish(first, outcome(1, 'text'));
    await turns.generations.delete(ids);
    const left = await turns.sql.rows<{ id: number; state: string }>(
      'SELECT id, state FROM generations ORDER BY id',
    );
    expect(left).to.deep.equal([
      { id: ids[1], state: 'running' },
      { id: ids[2], state: 'queued' },
    ]);
  });

  it('tell the position in the queue of a conversation', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const asked = [];
    for (let i = 0; i < 3; i++) asked.push(await turns.ask(userId, conversationId));
    await turns.generations.claim(limits());
    const ids = asked.map(({ answer }) => answer.id);
    expect(await turns.generations.positions(ids, 100)).to.deep.equal([
      { messageId: ids[1], position: 1 },
      { messageId: ids[2], position: 2 },
    ]);
  });
});

describe('claims of completions', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 2 });
    turns = createTurns(sequelize);
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });

  const begin = async (request: string) => {
    const userId = await turns.user();
    const fresh = { userId, idempotencyKey: 'k', digest: '00', reservation: 1 };
    const claim = await turns.completions.begin({ ...fresh, request }, 'a', 0);
    if (!claim) throw new Error('The user may run a completion.');
    return claim;
  };

  it('are raised again where the reply was lost, until another owner has them', async () => {
    const { completions } = turns;
    const claim = await begin('{}');
    expect(await completions.raise(claim, 4)).to.include({ attempt: 5 });
    const raised = await completions.raise(claim, 4);
    expect(raised).to.deep.equal({ ...claim, attempt: 6 });
    expect(await completions.holds(claim)).to.equal(false);
    expect(raised && (await completions.holds(raised))).to.equal(true);
    expect(await completions.takeOver('b', 60_000, { rows: 10, bytes: 1 })).to.have.length(1);
    expect(await completions.raise(claim, 4)).to.equal(null);
  });

  it('are not taken over when Postgres was silent for so long that living owners may have lost their leases', async () => {
    const claim = await begin('{}');
    const outage = await sequelize.transaction();
    const heir = createSequelize({ url: database.url, poolMax: 1 });
    const take = (leaseMs: number) =>
      createTurns(heir).completions.takeOver('b', leaseMs, { rows: 10, bytes: 1 });
    try {
      await sequelize.query('LOCK TABLE completions', { transaction: outage });
      const late = take(4).catch((error: unknown) => error);
      // The wait takes longer than a quarter of this lease.
      await eventually(
        () =>
          turns.sql.rows(
            `SELECT FROM pg_locks WHERE NOT granted AND relation = 'completions'::regclass`,
          ),
        (waiting) => waiting.length === 1,
      );
      await outage.commit();
      expect(await late).to.include({ code: 'unavailable' });
      expect(await turns.completions.holds(claim)).to.equal(true);
      expect(await take(60_000)).to.have.length(1);
    } finally {
      await heir.close();
    }
  });

  it('are taken over, oldest first, until rows or bytes are used up', async () => {
    const texts = ['"four"', '"2"', '"é"', '""', '""', '""'];
    const ids: number[] = [];
    for (const text of texts) ids.push((await begin(text)).id);
    const take = async (rows: number, bytes: number) =>
      (await turns.completions.takeOver('b', 60_000, { rows, bytes })).map((taken) => [
        ids.indexOf(taken.id),
        taken.bytes,
      ]);
    expect(await take(10, 1)).to.deep.equal([[0, 6]]);
    expect(await take(10, 4)).to.have.deep.members([
      [1, 3],
      [2, 4],
    ]);
    expect(await take(2, 100)).to.have.deep.members([
      [3, 2],
      [4, 2],
    ]);
    expect(await take(10, 100)).to.deep.equal([[5, 2]]);
  });
});

describe('message branches', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    turns = createTurns(sequelize);
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });

  it('are read from the leaf towards the root in pages, oldest first', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const ids: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { question, answer } = await turns.ask(userId, conversationId, `question ${i}`);
      ids.push(question.id, answer.id);
    }
    const leaf = ids.at(-1) ?? 0;
    const page = await turns.messages.branch(conversationId, leaf, { limit: 4 });
    expect(page.messages.map((m) => m.id)).to.deep.equal(ids.slice(2));
    expect(page.hasMore).to.equal(true);
    const all = await turns.messages.branch(conversationId, leaf, { limit: 6 });
    expect(all.hasMore).to.equal(false);
    const after = await turns.messages.branch(conversationId, leaf, {
      limit: 50,
      afterId: ids[3] ?? 0,
    });
    expect(after.messages.map((m) => m.id)).to.deep.equal(ids.slice(4));
    expect(after.hasMore).to.equal(false);
  });

  it('name the siblings of a message, itself included, also of one just stored', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    const { question, answer } = await turns.ask(userId, conversationId);
    expect([question.sibling_ids, answer.sibling_ids]).to.deep.equal([[question.id], [answer.id]]);
    const { question: sibling } = await turns.messages.createTurn({
      ...{ conversationId, parentId: null, authorId: userId, content: 'other', clientId: null },
      ...{ askedModel: null, model: 'a-model', title: null },
    });
    const both = [question.id, sibling.id];
    expect(sibling.sibling_ids).to.deep.equal(both);
    expect((await turns.messages.get(question.id))?.sibling_ids).to.deep.equal(both);
    expect((await turns.messages.get(answer.id))?.sibling_ids).to.deep.equal([answer.id]);
  });
});
