import { EventEmitter, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Call } from '../../../src/client/call.js';
import { ConversationList } from '../../../src/client/lists/conversation-list.js';
import type { Conversation } from '../../../src/contract/rest.js';

const conversation = (id: number, minute: number): Conversation => ({
  id,
  title: `Number ${id}`,
  model: null,
  system_prompt: null,
  temperature: null,
  max_tokens: null,
  my_role: 'owner',
  member_count: 1,
  member_names: [],
  pinned: false,
  archived: false,
  unread_count: 0,
  read_message_id: null,
  reply_mode: 'always',
  provider: null,
  active_message_id: null,
  answer: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  last_message_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`,
});

const PAGES = {
  first: { conversations: [conversation(4, 40), conversation(3, 30)], next_cursor: 'second' },
  second: { conversations: [conversation(2, 20)], next_cursor: null },
};

const call: Call = async (_, payload) => {
  await turn();
  const page = 'cursor' in payload ? PAGES.second : PAGES.first;
  return page as never;
};

/** A page that is read now and arrives when it is released. */
function slowPage(conversations: Conversation[]) {
  const page = { conversations, next_cursor: null };
  const arrival = new EventEmitter();
  const call: Call = async () => {
    await once(arrival, 'page');
    return page as never;
  };
  return { call, arrive: () => arrival.emit('page') };
}

const ids = (list: ConversationList) => list.state.conversations.map(({ id }) => id);

async function loaded(): Promise<ConversationList> {
  const list = new ConversationList(call);
  list.reload();
  while (!list.state.loaded) await turn();
  return list;
}

describe('the list of conversations', () => {
  it('reads page after page', async () => {
    const list = await loaded();
    expect(ids(list)).to.deep.equal([4, 3]);
    expect(list.state.hasMore).to.equal(true);
    list.more();
    while (list.state.loading) await turn();
    expect(ids(list)).to.deep.equal([4, 3, 2]);
    expect(list.state.hasMore).to.equal(false);
  });

  it('moves up what another device wrote in, and takes in what is new', async () => {
    const list = await loaded();
    list.put(conversation(3, 50));
    list.put(conversation(9, 59));
    expect(ids(list)).to.deep.equal([9, 3, 4]);
  });

  it('leaves what belongs to a later page to that page', async () => {
    const list = await loaded();
    list.put(conversation(1, 10));
    expect(ids(list)).to.deep.equal([4, 3]);
  });

  it('forgets what was deleted', async () => {
    const list = await loaded();
    list.remove(4);
    expect(ids(list)).to.deep.equal([3]);
  });

  it('keeps what happened while a page was on its way', async () => {
    const { call: read, arrive } = slowPage([conversation(4, 40), conversation(3, 30)]);
    const list = new ConversationList(read);
    list.reload();
    list.put(conversation(9, 59));
    list.remove(4);
    arrive();
    while (!list.state.loaded) await turn();
    expect(ids(list)).to.deep.equal([9, 3]);
  });

  it('shows the newer of what it read and what it was told', async () => {
    const at = (title: string, second: number): Conversation => ({
      ...conversation(3, 30),
      title,
      updated_at: `2026-01-01T00:00:0${second}.000Z`,
    });
    const { call: read, arrive } = slowPage([at('Read', 2)]);
    const list = new ConversationList(read);
    list.reload();
    list.put(at('Told before', 1));
    arrive();
    while (!list.state.loaded) await turn();
    expect(list.state.conversations.map(({ title }) => title)).to.deep.equal(['Read']);
    list.put(at('Told after', 3));
    expect(list.state.conversations.map(({ title }) => title)).to.deep.equal(['Told after']);
  });

  it('shows how the answers of its conversations go on, and none that goes back', async () => {
    const at = (
      message_id: number,
      attempt: number,
      status: 'queued' | 'streaming' | 'completed',
    ) => ({
      ...{ message_id, attempt, status },
    });
    const list = await loaded();
    const shown = () => list.state.conversations.find(({ id }) => id === 3)?.answer;
    list.answered(3, at(7, 1, 'streaming'));
    list.answered(99, at(7, 1, 'streaming'));
    expect(shown()).to.deep.equal(at(7, 1, 'streaming'));
    // From another node, and about an earlier answer.
    list.answered(3, at(5, 1, 'completed'));
    expect(shown()).to.deep.equal(at(7, 1, 'streaming'));
    list.answered(3, at(7, 2, 'completed'));
    list.answered(3, at(7, 2, 'streaming'));
    list.answered(3, at(7, 1, 'completed'));
    expect(shown()).to.deep.equal(at(7, 2, 'completed'));
    // Read before the end, and told after it.
    list.put({ ...conversation(3, 30), unread_count: 1, answer: at(7, 2, 'streaming') });
    expect(shown()).to.deep.equal(at(7, 2, 'completed'));
    expect(list.state.conversations.find(({ id }) => id === 3)?.unread_count).to.equal(1);
    list.answered(3, at(6, 1, 'queued'));
    expect(shown()).to.deep.equal(at(6, 1, 'queued'));
    list.answered(3, null);
    expect(shown()).to.equal(null);
  });

  it('keeps the answers that ended while a page was on its way', async () => {
    const running = { message_id: 7, attempt: 1, status: 'streaming' } as const;
    const { call: read, arrive } = slowPage([{ ...conversation(3, 30), answer: running }]);
    const list = new ConversationList(read);
    list.reload();
    list.answered(3, { ...running, status: 'failed' });
    arrive();
    while (!list.state.loaded) await turn();
    expect(list.state.conversations[0]?.answer?.status).to.equal('failed');
  });

  it('drops the answer to an earlier search', async () => {
    const list = await loaded();
    list.search('old');
    list.search('new');
    list.lost();
    await turn();
    await turn();
    expect(list.state).to.include({ query: 'new', loaded: false });
    expect(ids(list)).to.deep.equal([]);
  });
});
