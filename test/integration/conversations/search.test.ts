import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient } from '../../../lab/stores/client.js';
import type { Problem } from '../../../src/contract/errors.js';
import type { Conversation } from '../../../src/contract/rest.js';
import type { SearchPage, SearchResult } from '../../../src/contract/search.js';

const marked = ({ snippet, highlights }: SearchResult) =>
  highlights.map(([start, end]) => snippet.slice(start, end));

describe('A search', () => {
  let app: TestApp;
  let ada: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
  });
  after(() => app?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await app.register(`ada${serial}`);
  });

  const search = async (q: string, query = '', { token } = ada) =>
    (await app.call<SearchPage>(`/agent/search?q=${encodeURIComponent(q)}${query}`, { token }))
      .body;
  const found = async (q: string) =>
    (await search(q)).results.map(({ snippet }) => snippet).toSorted();
  const create = async (title: string, { token } = ada) =>
    (await app.call<Conversation>('/agent/conversations', { token, body: { title } })).body.id;
  const write = async (conversation_id: number, ...texts: string[]) => {
    for (const content of texts)
      await app.rows(
        `INSERT INTO messages (conversation_id, role, content, completed_at) VALUES ($1, 'assistant', $2, now())`,
        [conversation_id, content],
      );
  };

  it('finds words in any order, within words, in any case and form, and one Chinese character', async () => {
    const id = await create('Nothing');
    const texts = [
      'The Quick brown fox',
      '彩虹是怎样形成的',
      'Cafe\u0301 au lait',
      'ПРИВЕТ мир',
      'ΟΔΟΣ οδός',
    ];
    await write(id, ...texts);
    const [fox, rainbow, coffee, hello, street] = texts;
    for (const [q, ...expected] of [
      ['fox quick', fox],
      ['UIC  ow', fox],
      ['quick missing'],
      ['虹', rainbow],
      ['形成 彩', rainbow],
      ['虹彩'],
      ['CAFÉ', coffee],
      ['cafe'],
      ['οδος', street],
      ['ΟΔΌΣ', street],
      ['привет', hello],
      ['и', hello],
      ['q', fox],
      ['.*'],
      ['%'],
    ] as (string | undefined)[][])
      expect(await found(q ?? ''), q).to.deep.equal(expected);
  });

  it('marks one range for each word, in UTF-16 units', async () => {
    const id = await create('Nothing');
    await write(id, '👩‍🚀 A Rainbow rainbow over 彩虹 bridge');
    const [result] = (await search('虹 rain BRIDGE absent'.replace(' absent', ''))).results;
    if (!result) throw new Error('nothing found');
    expect(marked(result)).to.deep.equal(['Rain', '虹', 'bridge']);
    expect(result.highlights[0]).to.deep.equal([8, 12]);
    expect(result).to.deep.include({
      conversation: { id, title: 'Nothing' },
      role: 'assistant',
    });
  });

  it('shows pieces of a long text around its words', async () => {
    const id = await create('Nothing');
    const filler = 'lorem ipsum 😀 '.repeat(400);
    await write(id, `${filler}needle${filler}haystack${filler}`);
    const [result] = (await search('haystack needle')).results;
    if (!result) throw new Error('nothing found');
    expect(marked(result)).to.deep.equal(['needle', 'haystack']);
    expect(result.snippet.length).to.be.below(500);
    expect(result.snippet).to.match(/^… .* … .* …$/s);
    expect(result.snippet).to.not.match(/\p{Surrogate}/u);
  });

  it('finds titles, also in the archive, and nothing of others, of what is deleted, or of what runs', async () => {
    const id = await create('Rainbow trip');
    const token = ada.token;
    await app.call(`/agent/conversations/${id}`, {
      method: 'PATCH',
      token,
      body: { archived: true },
    });
    const eve = await app.register(`eve${serial}`);
    const hers = await create('Rainbow secrets', eve);
    await write(hers, 'rainbow secrets');
    const gone = await create('Rainbow gone');
    await app.call(`/agent/conversations/${gone}`, { method: 'DELETE', token });
    const device = await app.device(ada);
    const held = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'q', content: 'A question' });
    await held.opened;
    held.write('rainbow running');
    await device.until('message:delta');
    const page = await device.ask('conversation:search', { q: 'RAINBOW' });
    expect(page).to.deep.equal(await search('rainbow'));
    expect(page.results).to.have.length(1);
    expect(page.results[0]).to.deep.include({
      conversation: { id, title: 'Rainbow trip' },
      ...{ message_id: null, role: null, snippet: 'Rainbow trip', highlights: [[0, 7]] },
    });
    held.finish();
    await device.ended(sent.assistant_message.id);
    expect((await search('running rainbow')).results[0]).to.include({
      message_id: sent.assistant_message.id,
      role: 'assistant',
    });
    await device.ask('message:delete', { message_id: sent.assistant_message.id });
    expect((await search('running rainbow')).results).to.deep.equal([]);
  });

  it('goes page by page, the newest first, each result once', async () => {
    const id = await create('needle');
    await write(id, ...Array.from({ length: 7 }, (_, i) => `needle ${i}`));
    await app.rows(
      `UPDATE messages SET created_at = '2026-01-01' WHERE conversation_id = $1 AND id % 2 = 0`,
      [id],
    );
    const all = (await search('needle')).results;
    expect(all).to.have.length(8);
    expect(all.map(({ at }) => at)).to.deep.equal(
      all
        .map(({ at }) => at)
        .toSorted()
        .reverse(),
    );
    const seen: SearchResult[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: SearchPage = await search('needle', `&limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.results);
      cursor = page.next_cursor;
    }
    expect(seen).to.deep.equal(all);
    const wrong = await app.call('/agent/search?q=x&cursor=no', { token: ada.token });
    expect(wrong.body.code).to.equal('validation_failed');
    const { body } = await app.call('/agent/search', { token: ada.token });
    expect(body.code).to.equal('validation_failed');
    expect(await search('\u200b')).to.deep.equal({ results: [], next_cursor: null });
  });

  it('waits for the one before it, gives up after a second, and is refused beyond a few', async () => {
    const other = createClient(app.databaseUrl);
    await other.connect();
    try {
      await other.query('BEGIN; LOCK TABLE conversation_members IN ACCESS EXCLUSIVE MODE');
      const searches = Array.from({ length: 7 }, () =>
        app.call<Problem>('/agent/search?q=x', { token: ada.token }),
      );
      const isRefused = ({ body }: { body: Problem }) => body.code === 'rate_limited';
      const firstOf = (fits: (reply: { body: Problem }) => boolean) =>
        Promise.any(
          searches.map(async (one) => {
            const reply = await one;
            if (!fits(reply)) throw new Error(reply.body.code);
            return reply;
          }),
        );
      await firstOf(isRefused);
      // The node looks at the same table for webhooks, and then waits too.
      const waiting = await eventually(
        () =>
          app.rows(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND query LIKE '%WITH found AS%'`,
          ),
        (rows) => rows.length > 0,
      );
      expect(waiting).to.have.length(1);
      const done = await firstOf((reply) => !isRefused(reply));
      expect(done.body.code).to.equal('unavailable');
      await other.query('ROLLBACK');
      const results = (await Promise.all(searches)).map(({ status }) => status);
      expect(results.filter((status) => status === 429)).to.have.length(1);
      expect(results).to.include(200);
    } finally {
      await other.end();
    }
  });

  it('finds an answer as soon as it is told that it ended', async () => {
    const device = await app.device(ada);
    app.upstream.script(answer(['An ', 'immediate', ' answer']));
    const sent = await device.ask('message:send', { client_id: 'q', content: 'Go' });
    await device.ended(sent.assistant_message.id);
    expect(await found('immediate')).to.deep.equal(['An immediate answer']);
  });
});
