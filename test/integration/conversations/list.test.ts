import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';

describe('the list of conversations', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;
  let memberId: number;
  let ids: number[];

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 1 });
    turns = createTurns(sequelize);
    memberId = await turns.user();
    ids = [];
    // Times of every length that JSON writes, two of them equal.
    for (const time of ['00.000', '00.100', '00.120', '00.123', '00.123']) {
      const id = await turns.conversation(memberId);
      await turns.sql.run(
        `UPDATE conversations SET last_message_at = $2, created_at = $2, model = 'a "model"', temperature = 0.5 WHERE id = $1`,
        [id, `2026-11-22T12:34:${time}Z`],
      );
      ids.unshift(id);
    }
  });
  after(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  it('has each conversation as it is read alone', async () => {
    const { conversations, nextCursor } = await turns.conversations.list(memberId, { limit: 5 });
    const alone = await Promise.all(ids.map((id) => turns.conversations.find(id, memberId)));
    expect(conversations).to.deep.equal(alone);
    expect(nextCursor).to.equal(null);
  });

  it('has each once, page by page', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await turns.conversations.list(memberId, {
        limit: 2,
        ...(cursor && { cursor }),
      });
      seen.push(...page.conversations.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).to.deep.equal(ids);
  });

  it('has nothing for whoever has no conversation', async () => {
    const page = await turns.conversations.list(await turns.user(), { limit: 5 });
    expect(page).to.deep.equal({ conversations: [], nextCursor: null });
  });
});
