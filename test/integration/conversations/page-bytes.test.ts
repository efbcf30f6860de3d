import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createTurns, type Turns } from '../../../lab/stores/turns.js';
import { createExportRepository } from '../../../src/adapters/postgres/accounts/export-repository.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { LIMITS } from '../../../src/contract/limits.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';

const TURNS = 8;
/** Two bytes each in UTF-8. */
const CHARS = 200_000;
const SEQ = 7;

const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
const idsOf = (messages: readonly Message[]): number[] => messages.map(({ id }) => id);

describe('A page of long texts', () => {
  let app: TestApp;
  let ada: Account;
  let sequelize: Sequelize;
  let turns: Turns;
  let id: number;
  let answers: number[];
  let ids: number[];

  const lengthen = (messages: number[], chars = CHARS) =>
    app.rows(
      `UPDATE messages SET content = id || repeat('é', $2), status = 'completed', attempt = 1, seq = $3
       WHERE id = ANY($1)`,
      [messages, chars, SEQ],
    );

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    sequelize = createSequelize({ url: app.databaseUrl, poolMax: 1 });
    turns = createTurns(sequelize);
    id = await turns.conversation(ada.id);
    answers = [];
    ids = [];
    for (let i = 0; i < TURNS; i++) {
      const { question, answer } = await turns.ask(ada.id, id);
      ids.push(question.id, answer.id);
      answers.push(answer.id);
    }
    await app.rows('DELETE FROM generations');
    await lengthen(answers);
  });
  after(async () => {
    await sequelize?.close();
    await app?.stop();
  });

  const get = async (path: string) => {
    const response = await fetch(app.url + path, {
      headers: { authorization: `Bearer ${ada.token}` },
    });
    return { messages: (await response.json()) as Message[], link: response.headers.get('link') };
  };

  it('ends with the message that goes beyond a mebibyte, and REST links to the one before', async () => {
    const found: number[] = [];
    let path: string | undefined = `/agent/conversations/${id}/messages?limit=100`;
    for (let pages = 0; path && pages < 10; pages++) {
      const { messages, link } = await get(path);
      expect(bytesOf(messages.slice(1))).to.be.below(LIMITS.pageBytes);
      expect(messages.length).to.be.above(0);
      found.unshift(...idsOf(messages));
      path = /^<(.*)>; rel="next"$/.exec(link ?? '')?.[1];
      if (path) expect(path).to.contain(`before=${messages[0]?.id}&limit=100`);
    }
    expect(found).to.deep.equal(ids);
  });

  it('ends there for sockets too, and says that there is more', async () => {
    const device = await app.device(ada);
    const opened = await device.ask('conversation:open', { conversation_id: id, limit: 100 });
    expect(bytesOf(opened.messages.slice(1))).to.be.below(LIMITS.pageBytes);
    expect(idsOf(opened.messages)).to.deep.equal(ids.slice(-opened.messages.length));
    expect(opened.has_more).to.equal(true);
    expect(opened.messages.length).to.be.above(3).and.below(ids.length);
  });

  it('is the same whether it is read from the index or by a walk', async () => {
    for (const limit of [1, 5, 50]) {
      for (const afterId of [0, ...ids.slice(9, 13)]) {
        const query = { id, memberId: ada.id, limit, others: [], afterId };
        const seen = await turns.conversations.view(query);
        const walked = await turns.messages.branch(id, ids.at(-1) ?? 0, { limit, afterId });
        const what = `limit ${limit}, after ${afterId}`;
        expect(idsOf(seen?.page.messages ?? []), what).to.deep.equal(idsOf(walked.messages));
        expect(seen?.page.hasMore, what).to.equal(walked.hasMore);
      }
    }
  });

  it('brings the ends of answers that a device was reading, and their texts when it resumes', async () => {
    const device = await app.device(ada);
    const cursors = answers.map((message_id) => ({ message_id, attempt: 1, seq: 2 }));
    const opened = await device.ask('conversation:open', {
      conversation_id: id,
      limit: 1,
      cursors,
    });
    const [page, others] = [opened.messages.slice(-1), opened.messages.slice(0, -1)];
    expect(idsOf(page)).to.deep.equal(ids.slice(-1));
    expect(bytesOf(others.slice(1))).to.be.below(LIMITS.pageBytes);
    const told = [...opened.live.map(({ message_id }) => message_id), ...idsOf(opened.messages)];
    expect(told.sort((a, b) => a - b)).to.deep.equal(answers);
    for (const { message_id, ...live } of opened.live) {
      const end = { status: 'completed', attempt: 1, from_seq: SEQ, seq: SEQ, text: '' };
      expect(live).to.deep.equal(end);
      const rest = await device.ask('generation:resume', { message_id, attempt: 1, seq: 2 });
      expect(rest).to.include({ from_seq: 0, seq: SEQ, status: 'completed' });
      expect(rest.text).to.equal(message_id + 'é'.repeat(CHARS));
    }
    expect(opened.live.length).to.be.above(2);
  });

  it('has the longest answer that there is', async () => {
    const longest = answers[3] ?? 0;
    await lengthen([longest], LIMITS.answerChars / 2);
    const { messages } = await get(`/agent/conversations/${id}/messages?limit=5&before=${ids[8]}`);
    expect(idsOf(messages)).to.deep.equal([longest]);
    expect(messages[0]?.content).to.have.lengthOf.above(LIMITS.answerChars / 2);
    await lengthen([longest]);
  });

  it('knows all siblings of the message with which it ends', async () => {
    const own = await turns.conversation(ada.id);
    const first = await turns.ask(ada.id, own);
    const fork = () =>
      turns.messages.createTurn({
        conversationId: own,
        parentId: first.answer.id,
        authorId: ada.id,
        content: 'again',
        clientId: null,
        askedModel: null,
        model: 'a-model',
        title: null,
      });
    const one = await fork();
    const two = await fork();
    await app.rows('DELETE FROM generations');
    await lengthen([two.question.id], LIMITS.pageBytes);
    const query = { id: own, memberId: ada.id, limit: 50, others: [] };
    const seen = await turns.conversations.view(query);
    expect(seen?.page.messages.map((message) => [message.id, message.sibling_ids])).to.deep.equal([
      [two.question.id, [one.question.id, two.question.id]],
      [two.answer.id, [two.answer.id]],
    ]);
    expect(seen?.page.hasMore).to.equal(true);
  });

  it('is read for a download in portions', async () => {
    const read = createExportRepository(turns.sql);
    const found: number[] = [];
    for (;;) {
      const page = await read.messages(id, found.at(-1) ?? 0, 20);
      if (page.length === 0) break;
      expect(bytesOf(page.slice(0, -1) as Message[])).to.be.below(LIMITS.pageBytes);
      found.push(...page.map((message) => message.id));
    }
    expect(found).to.deep.equal(ids);
  });

  it('lists fewer conversations when their prompts are long, and goes on after them', async () => {
    const eva = await app.register('eva');
    for (let i = 0; i < 60; i++) {
      await turns.conversations.create(eva.id, {
        title: `${i}`,
        system_prompt: '語'.repeat(LIMITS.systemPromptChars),
      });
    }
    const device = await app.device(eva);
    const titles: string[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = { limit: 100, ...(cursor && { cursor }) };
      const page: { conversations: Conversation[]; next_cursor: string | null } = await device.ask(
        'conversation:list',
        query,
      );
      const prompts = page.conversations.slice(0, -1).map((one) => one.system_prompt ?? '');
      expect(Buffer.byteLength(prompts.join(''))).to.be.below(LIMITS.pageBytes);
      titles.push(...page.conversations.map(({ title }) => title));
      cursor = page.next_cursor;
    } while (cursor);
    expect(titles).to.deep.equal(Array.from({ length: 60 }, (_, i) => `${59 - i}`));
  });
});
