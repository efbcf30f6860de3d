import { expect } from 'chai';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { eventually } from '../../../lab/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { WaitingLine } from '../../../src/domain/answers/claims/waiting-line.js';
import { AnswerFollower } from '../../../src/domain/answers/follow.js';
import type { AnswerSource } from '../../../src/domain/answers/model/paced-provider.js';
import { AnswerWatch } from '../../../src/domain/answers/reading/answer-watch.js';
import { FlushClock } from '../../../src/domain/answers/running/flush-clock.js';
import { GenerationRunner } from '../../../src/domain/answers/running/generation-runner.js';
import { GenerationScheduler } from '../../../src/domain/answers/running/generation-scheduler.js';
import type { Claim } from '../../../src/entities/entities.js';
import type { Engine } from '../../../src/ports/engine.js';
import type { GenerationRepository } from '../../../src/ports/repositories/generation-repository.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';
import { noTracing } from '../../../src/ports/tracing.js';
import { Taker } from '../../conformance/taker.js';

const LEASE_MS = 400;
const START = { attempt: 0, seq: 0 };
const DEFAULTS = {
  model: 'm',
  systemPrompt: '',
  temperature: null,
  maxTokens: null,
  promptTokens: 1_000,
};

/** A model that says a given text. */
class ToldModel implements AnswerSource {
  say: (text: string) => void = () => {};
  end = () => {};
  calls = 0;

  stream: AnswerSource['stream'] = (_request, onText, { signal }) => {
    this.calls += 1;
    this.say = onText;
    return new Promise((resolve, reject) => {
      this.end = () => resolve({ finishReason: 'stop', usage: null });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
}

describe('Whoever follows an answer on another node', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let nodes: RedisNodes;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;
  const clock = new FlushClock(5);
  const schedulers: GenerationScheduler[] = [];

  before(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
    nodes = await startRedisNodes(redis.url);
    sequelize = createSequelize({ url: database.url, poolMax: 8 });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
    clock.start();
  });
  afterEach(() => Promise.all(schedulers.splice(0).map((scheduler) => scheduler.stop(0))));
  after(async () => {
    clock.stop();
    await nodes.stop();
    await sequelize.close();
    await redis.stop();
    await database.drop();
  });

  const startNode = (
    nodeId: string,
    { log, notices }: Engine,
    provider: AnswerSource,
    change: Partial<GenerationRepository> = {},
  ) => {
    const deps = {
      db: { ...db, generations: { ...db.generations, ...change } },
      log,
      notices,
      news: { tell: async () => {} },
      line: new WaitingLine({ db, log }, 10),
      pace: { waitMs: async () => 0, pauses: async () => new Map<string, number>() },
      provider,
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
    const total = Number.POSITIVE_INFINITY;
    const options = { nodeId, leaseMs: LEASE_MS, pollMs: 20, perNode: 9, perUser: 9, total };
    const scheduler = new GenerationScheduler(deps, options);
    schedulers.push(scheduler);
    scheduler.start();
  };

  const follow = ({ log }: Engine, userId: number, messageId: number) => {
    const { messages } = db;
    const follower = new AnswerFollower({ log, messages, watch: new AnswerWatch(log) });
    return new Taker(follower.follow(userId, messageId, START, new AbortController().signal));
  };

  it('sees the attempt of a frozen node begun again elsewhere, an emptied Redis, and one end', async () => {
    const [first, second] = [new ToldModel(), new ToldModel()];
    const user = await turns.user();
    const { answer } = await turns.ask(user, await turns.conversation(user));
    startNode('frozen', nodes.engine, first, { renew: () => new Promise(() => {}) });
    await eventually(
      () => first.calls,
      (calls) => calls === 1,
    );
    const takers = [nodes.engine, nodes.peer].map((engine) => follow(engine, user, answer.id));
    first.say('what the frozen node ');
    first.say('said');
    for (const taker of takers) await taker.until('what the frozen node said');
    await turns.expireLeases();
    startNode('next', nodes.peer, second);
    await eventually(
      () => second.calls,
      (calls) => calls === 1,
    );
    second.say('what the ');
    for (const taker of takers) await taker.until('what the ');
    const way = new Redis(redis.url);
    await way.flushall();
    way.disconnect();
    second.say('next one ');
    for (const taker of takers) await taker.until('what the next one ');
    first.say(' and would still say');
    second.say('says');
    second.end();
    for (const taker of takers) {
      expect(await taker.done).to.equal(undefined);
      expect(taker).to.include({ text: 'what the next one says', resets: 1, ends: 1 });
    }
    expect(await turns.messages.get(answer.id)).to.include({
      attempt: 2,
      status: 'completed',
      content: 'what the next one says',
    });
  });

  it('hears nothing more of a conversation that was deleted', async () => {
    const model = new ToldModel();
    const user = await turns.user();
    const conversation = await turns.conversation(user);
    startNode('deleting', nodes.engine, model);
    const { answer } = await turns.ask(user, conversation);
    await eventually(
      () => model.calls,
      (calls) => calls === 1,
    );
    const taker = follow(nodes.peer, user, answer.id);
    model.say('seen');
    await taker.until('seen');
    await db.transaction((tx) => tx.conversations.delete(conversation));
    expect(await taker.done).to.include({ code: 'not_found' });
    expect(taker).to.include({ text: 'seen', ends: 0 });
  });
});
