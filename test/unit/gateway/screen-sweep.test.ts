import { mock } from 'node:test';
import { expect } from 'chai';
import { pino } from 'pino';
import type { Conversation, Message } from '../../../src/contract/rest.js';
import { ScreenSweep } from '../../../src/gateway/rooms/screen-sweep.js';
import { ShownRooms } from '../../../src/gateway/rooms/shown-rooms.js';
import { ToldLists } from '../../../src/gateway/rooms/told-lists.js';
import type { AnswerState, ListChange } from '../../../src/ports/repositories/screen-repository.js';

const [USER, ROOM, ANSWER] = [1, 2, 30];
const NOON = Date.parse('2026-01-01T12:00:00Z');

describe('A look at the screens', () => {
  let shown: ShownRooms;
  let told: ToldLists;
  let answers: AnswerState[];
  let changes: ListChange[];
  let users: number[];
  let sweep: ScreenSweep;
  let asked: unknown[];
  let resynced: unknown[];

  let now: number;

  afterEach(() => mock.restoreAll());
  beforeEach(() => {
    now = 5_000;
    mock.method(performance, 'now', () => now);
    [shown, told] = [new ShownRooms(), new ToldLists()];
    [answers, changes, asked, resynced] = [[], [], [], []];
    users = [USER];
    sweep = new ScreenSweep({
      screens: {
        async answers(ids) {
          asked.push([...ids]);
          return answers;
        },
        async listChanges(_, of) {
          asked.push({ lists: of });
          now += 2;
          return changes;
        },
        prune: async () => 0,
      },
      shown,
      told,
      users: () => users,
      verify: async (ids) => void asked.push({ verify: ids }),
      resyncRoom: (id) => void resynced.push({ room: id }),
      resyncUser: (id, agoMs) => resynced.push({ user: id, agoMs }) > 0,
      logger: pino({ level: 'silent' }),
    });
  });

  const change = (more: Partial<ListChange> = {}): ListChange => ({
    ...{ userId: USER, conversationId: ROOM, version: NOON, ageMs: 3_000, newestId: null },
    ...{ tree: null, treeAgeMs: null },
    ...more,
  });
  const tell = (updatedAt: number) =>
    told.see(USER, {
      name: 'conversation:updated',
      payload: {
        conversation: { id: ROOM, updated_at: new Date(updatedAt).toISOString() },
      } as never,
    });
  const show = (id: number, status: Message['status'] = 'completed', tree?: number) =>
    shown.see({
      name: 'message:created',
      payload: { message: { id, conversation_id: ROOM, status, attempt: 1 } as Message },
      ...(tree !== undefined && { tree }),
    });

  it('has a room read again whose answer is further in Postgres, found twice', async () => {
    show(ANSWER, 'streaming');
    answers = [{ messageId: ANSWER, status: 'completed', attempt: 1 }];
    await sweep.look();
    expect(resynced).to.deep.equal([]);
    await sweep.look();
    expect(resynced).to.deep.equal([{ room: ROOM }]);
    await sweep.look();
    expect(resynced).to.have.length(1);
  });

  it('has the engine compare the rooms in which an answer runs', async () => {
    show(ANSWER, 'streaming');
    show(ANSWER + 1, 'streaming');
    await sweep.look();
    expect(asked.slice(0, 2)).to.deep.equal([{ verify: [ROOM] }, [ANSWER, ANSWER + 1]]);
  });

  it('has a room read again that lacks a message, found twice', async () => {
    tell(NOON);
    show(10);
    changes = [change({ newestId: 11 })];
    await sweep.look();
    expect(resynced).to.deep.equal([]);
    await sweep.look();
    expect(resynced).to.deep.equal([{ room: ROOM }]);
  });

  it('leaves a room alone that was told between two looks, or has only newer things to come', async () => {
    tell(NOON);
    show(10);
    changes = [change({ newestId: 11 })];
    await sweep.look();
    show(11);
    changes = [change({ newestId: 12 })];
    await sweep.look();
    expect(resynced).to.deep.equal([]);
    show(12);
    await sweep.look();
    expect(resynced).to.deep.equal([]);
  });

  it('has a room read again that lacks a change of its messages, found twice, unless it was told between', async () => {
    tell(NOON);
    show(10, 'completed', 500);
    changes = [change({ newestId: 10, tree: 501, treeAgeMs: 1 })];
    await sweep.look();
    show(10, 'completed', 501);
    await sweep.look();
    changes = [change({ newestId: 10, tree: 502, treeAgeMs: 1 })];
    await sweep.look();
    expect(resynced).to.deep.equal([]);
    await sweep.look();
    expect(resynced).to.deep.equal([{ room: ROOM }]);
  });

  for (const [what, version] of [
    ['a change', NOON],
    ['a deletion', null],
  ] as const) {
    it(`has the sockets of a user read again whose list lacks ${what}, found twice, those that were there`, async () => {
      tell(NOON - 1);
      changes = [change({ version })];
      await sweep.look();
      expect(resynced).to.deep.equal([]);
      await sweep.look();
      expect(resynced).to.deep.equal([{ user: USER, agoMs: 3_002 }]);
      await sweep.look();
      await sweep.look();
      expect(resynced).to.have.length(1);
    });
  }

  it('leaves a list alone that was told the same or something newer, also between two looks', async () => {
    tell(NOON + 1);
    changes = [change()];
    await sweep.look();
    await sweep.look();
    changes = [change({ version: NOON + 2 })];
    await sweep.look();
    tell(NOON + 2);
    changes = [change({ version: NOON + 3 })];
    await sweep.look();
    expect(resynced).to.deep.equal([]);
  });

  it('reads a list again once for all that it lacks, as far back as the youngest of it', async () => {
    changes = [change(), change({ conversationId: ROOM + 1, ageMs: 9_000 })];
    await sweep.look();
    await sweep.look();
    expect(resynced).to.deep.equal([{ user: USER, agoMs: 3_002 }]);
  });

  it('has a list read again that was told of a deletion, and not that it was restored', async () => {
    told.see(USER, { name: 'conversation:deleted', payload: { conversation_id: 1 } });
    expect(told.has(change({ conversationId: 1, version: null }))).to.equal(true);
    expect(told.has(change({ conversationId: 1, version: 5 }))).to.equal(false);
    const restored = { id: 1, updated_at: new Date(5).toISOString() } as Conversation;
    const updated = { name: 'conversation:updated', payload: { conversation: restored } } as const;
    told.see(USER, updated);
    expect(told.has(change({ conversationId: 1, version: null }))).to.equal(true);
    told.see(USER, { ...updated, name: 'conversation:created' });
    expect(told.has(change({ conversationId: 1, version: 5 }))).to.equal(true);
  });

  it('remembers of lists what was told last, and no more than a number', () => {
    const MOST = 50_000;
    for (let id = 1; id <= MOST + 1; id++) told.settle(change({ conversationId: id }));
    const known = [1, 2, MOST + 1].map((id) => told.has(change({ conversationId: id })));
    expect(known).to.deep.equal([false, true, true]);
  });

  it('asks for no lists where nobody is', async () => {
    users = [];
    await sweep.look();
    expect(asked).to.deep.equal([{ verify: [] }]);
  });
});
