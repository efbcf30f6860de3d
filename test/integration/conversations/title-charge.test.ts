import { expect } from 'chai';
import { pino } from 'pino';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import type { ModelCatalog } from '../../../src/domain/answers/model/model-catalog.js';
import type { AnswerSource } from '../../../src/domain/answers/model/paced-provider.js';
import { TitleService } from '../../../src/domain/conversations/title-service.js';
import { OwedCharges } from '../../../src/domain/limits/owed-charges.js';
import type { Claim } from '../../../src/entities/entities.js';
import { unavailable } from '../../../src/entities/errors.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const logger = pino({ level: 'silent' });

describe('The tokens of a title', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let db: Database;
  let turns: Turns;

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 4 });
    db = createDatabase(sequelize);
    turns = createTurns(sequelize);
  });
  after(async () => {
    await sequelize.close();
    await database.drop();
  });

  it('are counted later when the database is away at its end', async () => {
    const userId = await turns.user();
    const conversationId = await turns.conversation(userId);
    await turns.sql.run('UPDATE conversations SET auto_title = true WHERE id = $1', [
      conversationId,
    ]);
    const { answer } = await turns.ask(userId, conversationId);
    let settles = 0;
    let onCounted = () => {};
    const counted = new Promise<void>((resolve) => {
      onCounted = resolve;
    });
    const usage: Database['usage'] = {
      ...db.usage,
      settle: async (...args) => {
        settles += 1;
        if (settles === 1) throw unavailable(new Error('gone'));
        await db.usage.settle(...args);
        onCounted();
      },
    };
    const owed = new OwedCharges(usage, logger);
    const provider = {
      stream: async (_: object, onText: (text: string) => void) => {
        onText('A title');
        return { usage: null };
      },
    } as unknown as AnswerSource;
    const titles = new TitleService(
      {
        ...{ db: { ...db, usage }, owed, provider, logger, tokenizer: { count: () => 1 } },
        models: { priceOf: () => null } as unknown as ModelCatalog,
        conversations: { announceChange: async () => {} },
      },
      { enabled: true, model: null, defaultModel: 'm' },
    );
    titles.completed(
      { conversationId, messageId: answer.id, userId, model: 'm' } as Claim,
      'because',
    );
    await titles.stop();
    expect((await db.conversations.find(conversationId, userId))?.title).to.equal('A title');
    // A stop would wait two seconds only.
    await counted;
    await owed.stop();
    const days = await turns.sql.rows('SELECT tokens FROM usage_days WHERE user_id = $1', [userId]);
    expect(days).to.deep.equal([{ tokens: 2 }]);
    const held = await turns.sql.rows('SELECT 1 FROM usage_reservations WHERE user_id = $1', [
      userId,
    ]);
    expect(held).to.deep.equal([]);
  });
});
