import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createSequelize } from '../../src/adapters/postgres/sequelize.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTurns, type Turns } from '../support/turns.js';

describe('the view of a conversation', () => {
  let database: TestDatabase;
  let sequelize: Sequelize;
  let turns: Turns;
  let memberId: number;
  let id: number;
  let ids: number[];

  before(async () => {
    database = await createTestDatabase();
    sequelize = createSequelize({ url: database.url, poolMax: 1 });
    turns = createTurns(sequelize);
    memberId = await turns.user();
    id = await turns.conversation(memberId);
    ids = [];
    for (const content of ['a "quoted" line', '你好 🌍\n', 'x'.repeat(10_000)]) {
      const { question, answer } = await turns.ask(memberId, id, content);
      ids.push(question.id, answer.id);
    }
    await turns.sql.run(
      `UPDATE messages SET usage = '{"total_tokens": 3}', error = '{"code": "x", "message": null}', completed_at = now()
       WHERE id = $1`,
      [ids[3]],
    );
  });
  after(async () => {
    await sequelize?.close();
    await database?.drop();
  });

  const view = (limit: number, others: number[] = [], afterId = 0) =>
    turns.conversations.view({ id, memberId, limit, others, afterId });

  it('is what single questions answer, in the same shapes', async () => {
    const seen = await view(50);
    expect(seen?.conversation).to.deep.equal(await turns.conversations.find(id, memberId));
    expect(seen?.members).to.deep.equal(await turns.conversations.members(id));
    expect(seen?.page.messages).to.deep.equal(await turns.messages.findMany(id, ids));
    expect(seen?.page.hasMore).to.equal(false);
    expect(seen?.others).to.deep.equal([]);
  });

  it('ends its page where it was told to, and says whether there is more', async () => {
    const idsOf = async (...query: Parameters<typeof view>) => {
      const seen = await view(...query);
      return [seen?.page.messages.map((message) => message.id), seen?.page.hasMore];
    };
    expect(await idsOf(2)).to.deep.equal([ids.slice(-2), true]);
    expect(await idsOf(6)).to.deep.equal([ids, false]);
    expect(await idsOf(50, [], ids[3])).to.deep.equal([ids.slice(4), false]);
  });

  it('has other messages of the conversation once, and none of another one', async () => {
    const foreign = await turns.ask(memberId, await turns.conversation(memberId));
    const seen = await view(2, [ids[0] ?? 0, ids[5] ?? 0, foreign.question.id, 999_999]);
    expect(seen?.others).to.deep.equal(await turns.messages.findMany(id, ids.slice(0, 1)));
  });

  it('has the message right before its page, when that is wanted', async () => {
    const seen = await view(2, [ids[3] ?? 0]);
    expect(seen?.others).to.deep.equal(await turns.messages.findMany(id, ids.slice(3, 4)));
  });

  it('has no messages while there are none', async () => {
    const empty = await turns.conversation(memberId);
    const seen = await turns.conversations.view({ id: empty, memberId, limit: 5, others: [] });
    expect(seen?.page).to.deep.equal({ messages: [], hasMore: false });
    expect(seen?.conversation).to.deep.equal(await turns.conversations.find(empty, memberId));
  });

  it('is nothing for whoever is no member', async () => {
    const stranger = await turns.user();
    const query = { id, memberId: stranger, limit: 5, others: ids };
    expect(await turns.conversations.view(query)).to.equal(null);
  });

  it('is planned once on each connection', async () => {
    await view(5);
    const plans = await turns.sql.rows(
      `SELECT name FROM pg_prepared_statements WHERE name = 'view'`,
    );
    expect(plans).to.have.lengthOf(1);
  });
});
