import { createHash, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { Gate } from '../../../lab/gate.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { WaitingLine } from '../../../src/domain/answers/claims/waiting-line.js';
import { ModelPaused } from '../../../src/domain/answers/model/model-slot.js';
import type { AnswerSource } from '../../../src/domain/answers/model/paced-provider.js';
import { FlushClock } from '../../../src/domain/answers/running/flush-clock.js';
import { GenerationRunner } from '../../../src/domain/answers/running/generation-runner.js';
import {
  GenerationScheduler,
  type SchedulerOptions,
} from '../../../src/domain/answers/running/generation-scheduler.js';
import type { Claim } from '../../../src/entities/entities.js';
import { AppError } from '../../../src/entities/errors.js';
import type { Engine } from '../../../src/ports/engine.js';
import type { GenerationRepository } from '../../../src/ports/repositories/generation-repository.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';
import { noTracing } from '../../../src/ports/tracing.js';

const DEFAULTS = {
  model: 'm',
  systemPrompt: '',
  temperature: null,
  maxTokens: null,
  promptTokens: 1_000,
};
const LEASE_MS = 500;
const OPTIONS: SchedulerOptions = {
  nodeId: 'a',
  leaseMs: LEASE_MS,
  pollMs: 20,
  perNode: 10,
  perUser: 10,
  total: Number.POSITIVE_INFINITY,
};

/** A model that answers on command, and still sends text when it is aborted. */
class PatientModel implements AnswerSource {
  calls = 0;
  firstWords = '';
  lastWords = '';
  #answer: () => void = () => {};
  #answered = new Promise<void>((resolve) => {
    this.#answer = resolve;
  });

  answer(): void {
    this.#answer();
  }

  stream: AnswerSource['stream'] = async (_request, onText, { signal }) => {
    this.calls += 1;
    signal.throwIfAborted();
    onText(this.firstWords);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        onText(this.lastWords);
        reject(signal.reason);
      });
    });
    await Promise.race([this.#answered, aborted]);
    onText('text');
    return { finishReason: 'stop', usage: null };
  };
}

describe('a scheduler of generations', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;
  let engine: Engine;
  let clock: FlushClock;
  let model: PatientModel;
  let modelWaitMs: number;
  let pauses: ReadonlyMap<string, number>;
  let scheduler: GenerationScheduler | null = null;

  beforeEach(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 8 });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
    engine = createMemoryEngine();
    clock = new FlushClock(5);
    clock.start();
    model = new PatientModel();
    modelWaitMs = 0;
    pauses = new Map();
  });
  afterEach(async () => {
    await scheduler?.stop(0);
    clock.stop();
    await engine.stop();
    await sequelize.close();
    await database.drop();
  });

  const start = (change: Partial<GenerationRepository> = {}, options = {}) => {
    const { log, notices } = engine;
    const deps = {
      db: { ...db, generations: { ...db.generations, ...change } },
      log,
      notices,
      news: { tell: async () => {} },
      line: new WaitingLine({ db, log }, OPTIONS.perUser),
      pace: { waitMs: async () => modelWaitMs, pauses: async () => pauses },
      provider: model,
      tokenizer: { count: (text: string) => text.length },
      clock,
      logger: pino({ level: 'silent' }),
      defaults: DEFAULTS,
      models: { priceOf: () => null, providerOf: () => null },
      tries: 3,
      told: () => {},
      tellsInstallation: false,
      completed: () => {},
      telemetry: noTelemetry,
      tracing: noTracing,
      forget: (id: number) => db.generations.delete([id]),
      createRunner: (claim: Claim, waited: boolean): GenerationRunner =>
        new GenerationRunner(deps, claim, waited),
    };
    scheduler = new GenerationScheduler(deps, { ...OPTIONS, ...options });
    scheduler.start();
    return scheduler;
  };

  const ask = async (userId: number) => turns.ask(userId, await turns.conversation(userId));

  const status = (messageId: number, expected: string) =>
    eventually(
      async () => (await turns.messages.get(messageId))?.status,
      (found) => found === expected,
    );

  /** A node that has looked once and will not look again by itself. */
  const startIdle = async (options: Partial<SchedulerOptions> = {}) => {
    let looked = false;
    const node = start(
      {
        claim: async (...args) => {
          const claims = await db.generations.claim(...args);
          looked = true;
          return claims;
        },
      },
      { pollMs: 60_000, ...options },
    );
    await eventually(() => looked, Boolean);
    return node;
  };

  const winOne = async (node: GenerationScheduler) => {
    const { answer, generationId } = await ask(await turns.user());
    const place = node.reserve();
    const claim = await db.transaction((tx) => place.claim(tx, generationId));
    if (!claim) throw new Error('not claimed');
    return { answer, place, claim };
  };

  const leaseEnd = async () =>
    (await turns.sql.one<{ at: Date }>('SELECT lease_expires_at AS at FROM generations'))?.at ?? 0;

  it('does not take over before it has renewed its own leases, after it was frozen', async () => {
    let freeze = false;
    const takeOver: boolean[] = [];
    const { answer } = await ask(await turns.user());
    const node = start({
      claim: (limits, only) => {
        takeOver.push(limits.takeOver);
        return db.generations.claim(limits, only);
      },
      renew: (...args) => (freeze ? new Promise(() => {}) : db.generations.renew(...args)),
    });
    await eventually(
      () => takeOver.includes(true) && node.running,
      (running) => running === 1,
    );
    freeze = true;
    await eventually(
      () => takeOver.at(-1),
      (may) => may === false,
    );
    await turns.expireLeases();
    const looks = takeOver.length;
    await eventually(
      () => takeOver.length,
      (count) => count > looks + 3,
    );
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 1 });
    expect(model.calls).to.equal(1);
  });

  it('keeps the text of an earlier attempt and its reasoning when the tries are used up', async () => {
    const { answer, generationId } = await ask(await turns.user());
    const key = { conversationId: answer.conversation_id, messageId: answer.id };
    await engine.log.begin(key, 1, 'lost');
    await engine.log.append(key, { attempt: 1, seq: 1 }, { text: '', reasoning: 'hm' });
    await engine.log.append(key, { attempt: 1, seq: 2 }, 'kept');
    await turns.sql.run('UPDATE generations SET tries = 3, attempt = 1 WHERE id = $1', [
      generationId,
    ]);
    start();
    await status(answer.id, 'interrupted');
    expect(await turns.messages.get(answer.id)).to.include({
      ...{ attempt: 2, seq: 1, content: 'kept', reasoning: 'hm', reasoning_ms: null },
      sha256: createHash('sha256').update('kept').digest('hex'),
    });
    expect(model.calls).to.equal(0);
  });

  it('keeps the reasoning of an earlier attempt that had no text yet when the tries are used up', async () => {
    const { answer, generationId } = await ask(await turns.user());
    const key = { conversationId: answer.conversation_id, messageId: answer.id };
    await engine.log.begin(key, 1, 'lost');
    await engine.log.append(key, { attempt: 1, seq: 1 }, { text: '', reasoning: 'hm' });
    const used = 'UPDATE generations SET tries = 3, attempt = 1 WHERE id = $1';
    await turns.sql.run(used, [generationId]);
    start();
    await status(answer.id, 'interrupted');
    expect(await turns.messages.get(answer.id)).to.include({ content: '', reasoning: 'hm' });
  });

  it('keeps the lease of the higher attempt when it holds two of one answer', async () => {
    const { answer, generationId } = await ask(await turns.user());
    const long = { pollMs: 60_000, leaseMs: 60_000 };
    const node = start({}, long);
    const limits = { ...OPTIONS, ...long, room: 1, takeOver: true };
    await eventually(
      () => model.calls,
      (calls) => calls === 1,
    );
    const takeOver = async () => {
      await turns.expireLeases();
      return db.generations.claim(limits);
    };
    const [second] = await eventually(takeOver, (claims) => claims.length === 1);
    if (!second) throw new Error('not claimed');
    expect(second).to.include({ generationId, attempt: 2 });
    const lost = { ...second, attempt: 1, claimId: randomUUID() };
    for (const claim of [second, lost]) {
      const place = node.reserve();
      await place.claim(
        { ...db, generations: { ...db.generations, claim: async () => [claim] } },
        0,
      );
      place.adopt();
    }
    await eventually(
      () => node.running,
      (running) => running === 1,
    );
    const before = await leaseEnd();
    node.recheck();
    await eventually(leaseEnd, (at) => at > before);
    model.answer();
    await status(answer.id, 'completed');
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 2, content: 'text' });
  });

  /** The log of the answer has a higher attempt of a claim that the database has lost, so the node's own is raised. */
  const askAfterLoss = async () => {
    const { answer } = await ask(await turns.user());
    const key = { conversationId: answer.conversation_id, messageId: answer.id };
    await engine.log.begin(key, 5, 'lost');
    return answer;
  };

  for (const [when, isOvertaken] of [
    ['begins before its number is raised, and ends after', true],
    ['begins and ends before it knows its new number', false],
  ] as const) {
    it(`keeps its lease when a renewal ${when}`, async () => {
      const answer = await askAfterLoss();
      const [raised, renewed] = [new Gate(), new Gate()];
      const asked = new Gate();
      start({
        renew: async (...args) => {
          if (args[2].length === 0) return db.generations.renew(...args);
          asked.open();
          await raised.opened;
          const leases = await db.generations.renew(...args);
          setImmediate(() => renewed.open());
          return leases;
        },
        raise: async (...args) => {
          await asked.opened;
          const claim = await db.generations.raise(...args);
          raised.open();
          if (!isOvertaken) await renewed.opened;
          return claim;
        },
      });
      await renewed.opened;
      model.answer();
      await status(answer.id, 'completed');
      expect(await turns.messages.get(answer.id)).to.include({ attempt: 6, content: 'text' });
      expect(model.calls).to.equal(1);
    });
  }

  it('looks past a user who has too much waiting, without being asked again', async () => {
    const [greedy, modest] = [await turns.user(), await turns.user()];
    for (let i = 0; i < 3; i++) await ask(greedy);
    const { answer } = await ask(modest);
    start({}, { pollMs: 60_000, perNode: 3, perUser: 1 });
    await status(answer.id, 'streaming');
  });

  it('ends in time although Postgres does not take its answer', async () => {
    const refused = new AppError('unavailable');
    let tries = 0;
    await ask(await turns.user());
    const node = start({
      finish: async () => {
        tries += 1;
        throw refused;
      },
      handBack: async () => {
        throw refused;
      },
    });
    model.answer();
    await eventually(
      () => tries,
      (count) => count > 0,
    );
    await node.stop(0);
    expect(node.running).to.equal(0);
  });

  it('keeps what had arrived when it is stopped just as the log is lost', async () => {
    const { answer } = await ask(await turns.user());
    let lost = false;
    const { log } = engine;
    engine.log = {
      ...log,
      append: async (key, cursor, text) => (lost ? 'missing' : log.append(key, cursor, text)),
      rewrite: async (...args) => {
        lost = false;
        return log.rewrite(...args);
      },
    };
    model.firstWords = 'one ';
    model.lastWords = 'two';
    start();
    const key = { conversationId: answer.conversation_id, messageId: answer.id };
    await eventually(
      async () => (await log.read(key, { attempt: 0, seq: 0 }))?.text,
      (text) => text === 'one ',
    );
    lost = true;
    await db.generations.requestStop(answer.id, LEASE_MS);
    await status(answer.id, 'stopped');
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 1, content: 'one two' });
  });

  it('renews the lease of a claim that is won but not adopted yet', async () => {
    const node = await startIdle();
    const { answer, place } = await winOne(node);
    const before = await leaseEnd();
    await eventually(leaseEnd, (at) => at > before);
    place.adopt();
    model.answer();
    await status(answer.id, 'completed');
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 1, content: 'text' });
  });

  it('does not end before a claim that was on its way has been adopted and carried out', async () => {
    const node = await startIdle();
    const { answer, place } = await winOne(node);
    const atEnd = node.stop(10_000).then(() => turns.messages.get(answer.id));
    await db.ping();
    place.adopt();
    model.answer();
    expect(await atEnd).to.include({ attempt: 1, status: 'completed' });
  });

  it('has a place again that a send took whose transaction failed', async () => {
    const node = await startIdle({ perNode: 1 });
    const { generationId } = await ask(await turns.user());
    const place = node.reserve();
    const failed = db.transaction(async (tx) => {
      await place.claim(tx, generationId);
      throw new Error('refused');
    });
    expect(await failed.catch((error: Error) => error.message)).to.equal('refused');
    expect(await db.transaction((tx) => node.reserve().claim(tx, generationId))).to.equal(null);
    place.release();
    const next = node.reserve();
    const claim = await db.transaction((tx) => next.claim(tx, generationId));
    expect(claim).to.include({ attempt: 1 });
    next.release();
  });

  it('gives a send no place that a look may fill', async () => {
    const [asked, claimed] = [new Gate(), new Gate()];
    const claim: GenerationRepository['claim'] = async (limits, only) => {
      if (only !== undefined) return db.generations.claim(limits, only);
      asked.open();
      await claimed.opened;
      return [];
    };
    const node = start({ claim }, { perNode: 1, pollMs: 60_000 });
    await asked.opened;
    const { generationId } = await ask(await turns.user());
    const place = node.reserve();
    const send = () => db.transaction((tx) => place.claim(tx, generationId));
    expect(await send()).to.equal(null);
    claimed.open();
    await eventually(send, (won) => won !== null);
    place.release();
  });

  it('ends when its time is over although a claim that was on its way is never adopted', async () => {
    const node = await startIdle();
    await winOne(node);
    await node.stop(10);
  });

  it('says that an answer waits again when it hands it back, and wakes the others', async () => {
    const { answer } = await ask(await turns.user());
    const node = start();
    await eventually(
      () => model.calls,
      (calls) => calls === 1,
    );
    const events: unknown[] = [];
    const noticed: string[] = [];
    await engine.log.subscribe(answer.conversation_id, {
      onEvent: (event) => events.push(event),
      onResync() {},
    });
    engine.notices.onNotice(({ type }) => noticed.push(type));
    await node.stop(0);
    const stored = await turns.messages.get(answer.id);
    expect(stored?.status).to.equal('queued');
    expect(events.at(-1)).to.deep.equal({
      name: 'message:status',
      payload: {
        conversation_id: answer.conversation_id,
        message_id: answer.id,
        status: 'queued',
        attempt: stored?.attempt,
        position: 1,
      },
    });
    expect(noticed).to.deep.equal(['work']);
  });

  it('leaves waiting what waits for a paused model, and begins what waits for another behind it', async () => {
    pauses = new Map([['a-model', 60_000]]);
    const user = await turns.user();
    const held = [await ask(user), await ask(user), await ask(user)];
    const other = await ask(user);
    await turns.setModel(other.generationId, 'another');
    start({}, { perNode: 1, perUser: 1 });
    await status(other.answer.id, 'streaming');
    for (const { answer } of held) {
      expect(await turns.messages.get(answer.id)).to.include({ attempt: 0, status: 'queued' });
    }
    pauses = new Map();
    model.answer();
    for (const { answer } of held) await status(answer.id, 'completed');
  });

  it('does not begin an answer for a paused model within its send either, but ends one that was stopped', async () => {
    pauses = new Map([['a-model', 60_000]]);
    const node = await startIdle();
    const { answer, generationId } = await ask(await turns.user());
    expect(await db.transaction((tx) => node.reserve().claim(tx, generationId))).to.equal(null);
    await turns.sql.run('UPDATE generations SET attempt = 1, tries = 1, claim = gen_random_uuid()');
    await db.generations.requestStop(answer.id, LEASE_MS);
    node.kick();
    await status(answer.id, 'stopped');
  });

  it('ends a stopped one that was handed back with its text, also when all its places are taken', async () => {
    const user = await turns.user();
    const held = await ask(user);
    const elsewhere = { ...OPTIONS, nodeId: 'b', leaseMs: 60_000, room: 1, takeOver: false };
    const [claim] = await db.generations.claim(elsewhere);
    if (!claim) throw new Error('not claimed');
    const key = { conversationId: held.answer.conversation_id, messageId: held.answer.id };
    await engine.log.begin(key, 1, claim.claimId);
    await engine.log.append(key, { attempt: 1, seq: 1 }, 'half');
    const { answer } = await ask(user);
    const node = start({}, { perNode: 1 });
    await status(answer.id, 'streaming');
    await db.generations.handBack(claim);
    await db.generations.requestStop(held.answer.id, LEASE_MS);
    await status(held.answer.id, 'stopped');
    expect(await turns.messages.get(held.answer.id)).to.include({ attempt: 2, content: 'half' });
    await eventually(
      () => node.running,
      (count) => count === 1,
    );
  });

  it('gives an answer back to the queue when its model is paused for long, as often as it has tries, and then waits', async () => {
    const seen: [patient: boolean, tries: number][] = [];
    const { answer } = await ask(await turns.user());
    model.stream = async (_request, _onText, { signal, patient }) => {
      const row = await turns.sql.one<{ tries: number }>('SELECT tries FROM generations');
      seen.push([patient, row?.tries ?? 0]);
      signal.throwIfAborted();
      if (!patient) throw new ModelPaused(seen.length > 2);
      return { finishReason: 'stop', usage: null };
    };
    start();
    await status(answer.id, 'completed');
    expect(seen).to.deep.equal([
      [false, 1],
      [false, 1],
      [false, 1],
      [false, 2],
      [true, 3],
    ]);
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 5 });
  });

  it('leaves waiting what waits while the model server wants no requests, and still takes over', async () => {
    modelWaitMs = 60_000;
    const lost = await ask(await turns.user());
    await db.generations.claim({ ...OPTIONS, nodeId: 'dead', room: 1, takeOver: false });
    await turns.expireLeases();
    const { answer } = await ask(await turns.user());
    start();
    await eventually(
      async () => (await turns.messages.get(lost.answer.id))?.attempt,
      (attempt) => attempt === 2,
    );
    expect(await turns.messages.get(answer.id)).to.include({ attempt: 0, status: 'queued' });
    modelWaitMs = 0;
    await status(answer.id, 'streaming');
  });
});
