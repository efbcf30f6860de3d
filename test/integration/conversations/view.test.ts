import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { ConversationView } from '../../../src/domain/conversations/conversation-view.js';
import { AppError } from '../../../src/entities/errors.js';

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
    expect(await idsOf(50, [], ids[5])).to.deep.equal([[], false]);
    expect(await idsOf(2, [], ids[3])).to.deep.equal([ids.slice(4), false]);
    expect(await idsOf(2, [], ids[0])).to.deep.equal([ids.slice(-2), true]);
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

  it('is not found by whoever loses the conversation while opening it', async () => {
    const lost = await turns.conversation(memberId);
    // Nothing runs in the conversation, so nothing is asked about answers.
    const opening = new ConversationView(createDatabase(sequelize), null as never);
    const lose = async () => {
      await turns.sql.run('DELETE FROM conversation_members WHERE conversation_id = $1', [lost]);
    };
    const error = await opening.open(memberId, { conversation_id: lost }, lose).catch((e) => e);
    expect(error).to.be.instanceOf(AppError).and.include({ code: 'not_found' });
  });

  /** The newest messages, each by its id and the ids of its siblings. */
  const shown = async (conversation: number, limit: number, afterId = 0) => {
    const query = { id: conversation, memberId, limit, others: [], afterId };
    const seen = await turns.conversations.view(query);
    return seen?.page.messages.map((message) => [message.id, message.sibling_ids]);
  };

  /** A second question below the same parent, with its answer. It becomes the end of the branch. */
  const askAgain = async (conversation: number, parentId: number | null) => {
    const { question, answer } = await turns.messages.createTurn({
      conversationId: conversation,
      parentId,
      authorId: memberId,
      content: 'again',
      clientId: null,
      askedModel: null,
      model: 'a-model',
      title: null,
    });
    return [question.id, answer.id] as const;
  };

  it('leaves out other branches, and knows all siblings', async () => {
    const own = await turns.conversation(memberId);
    const first = await turns.ask(memberId, own);
    const left = await turns.ask(memberId, own);
    const [right, end] = await askAgain(own, first.answer.id);
    const alone = (id: number) => [id, [id]];
    const branch = [
      alone(first.question.id),
      alone(first.answer.id),
      [right, [left.question.id, right]],
      alone(end),
    ];
    expect(await shown(own, 50)).to.deep.equal(branch);
    expect(await shown(own, 2)).to.deep.equal(branch.slice(2));
    expect(await shown(own, 1)).to.deep.equal(branch.slice(3));
    expect(await shown(own, 50, first.question.id)).to.deep.equal(branch.slice(1));
    expect(await shown(own, 50, left.answer.id)).to.deep.equal(branch);
    expect(await shown(own, 1, left.answer.id)).to.deep.equal(branch.slice(3));
  });

  it('knows the siblings of a root', async () => {
    const own = await turns.conversation(memberId);
    const first = await turns.ask(memberId, own);
    const foreign = await turns.ask(memberId, await turns.conversation(memberId));
    const [root, end] = await askAgain(own, null);
    const branch = [
      [root, [first.question.id, root]],
      [end, [end]],
    ];
    expect(await shown(own, 50)).to.deep.equal(branch);
    expect(await shown(own, 50, first.answer.id)).to.deep.equal(branch);
    expect(await shown(own, 50, foreign.answer.id)).to.deep.equal(branch);
  });

  it('shows the branch that is active, when newer messages are on another one', async () => {
    const own = await turns.conversation(memberId);
    const first = await turns.ask(memberId, own);
    await turns.ask(memberId, own);
    await turns.sql.run('UPDATE conversations SET active_message_id = $2 WHERE id = $1', [
      own,
      first.answer.id,
    ]);
    expect(await shown(own, 50)).to.deep.equal([
      [first.question.id, [first.question.id]],
      [first.answer.id, [first.answer.id]],
    ]);
  });

  it('writes times as the contract does, also those that end in zeros', async () => {
    for (const time of ['12:34:56.789', '12:34:56.780', '12:34:56.700', '12:34:56.000']) {
      await turns.sql.run('UPDATE messages SET created_at = $2 WHERE id = $1', [
        ids[5],
        `2026-11-22T${time}Z`,
      ]);
      const seen = await view(1);
      expect(seen?.page.messages[0]?.created_at).to.equal(`2026-11-22T${time}Z`);
    }
  });

  it('is planned once on each connection, and walks only where branches are', async () => {
    const other = createSequelize({ url: database.url, poolMax: 1 });
    try {
      const { sql, conversations } = createTurns(other);
      const look = async (others: number[]) => {
        await conversations.view({ id, memberId, limit: 2, others });
        const plans = await sql.rows<{ name: string }>(
          `SELECT name FROM pg_prepared_statements WHERE name LIKE '%view' ORDER BY name`,
        );
        return plans.map(({ name }) => name);
      };
      expect(await look([])).to.deep.equal(['view']);
      expect(await look([ids[5] ?? 0])).to.deep.equal(['view']);
      expect(await look([ids[0] ?? 0])).to.deep.equal(['others_view', 'view']);
      const show = 'UPDATE conversations SET active_message_id = $2 WHERE id = $1';
      await sql.run(show, [id, ids[0]]);
      expect(await look([])).to.deep.equal(['branch_view', 'others_view', 'view']);
      await sql.run(show, [id, ids.at(-1)]);
    } finally {
      await other.close();
    }
  });
});
