import { expect } from 'chai';
import type { AckData, RoomEvent } from '../../../src/contract/events.js';
import type { Message, MessageStatus } from '../../../src/contract/rest.js';
import { ShownRooms } from '../../../src/gateway/rooms/shown-rooms.js';

const [ROOM, ANSWER] = [1, 11];

const created = (id: number, status: MessageStatus, attempt = 0) =>
  ({
    name: 'message:created',
    payload: { message: { id, conversation_id: ROOM, status, attempt } as Message },
  }) as const;

const status = (attempt: number) =>
  ({
    name: 'message:status',
    payload: { conversation_id: ROOM, message_id: ANSWER, status: 'streaming', attempt },
  }) as const;

const completed: RoomEvent = {
  name: 'message:completed',
  payload: {
    ...{ conversation_id: ROOM, message_id: ANSWER, attempt: 1, seq: 1, bytes: 1, sha256: '' },
    ...{ status: 'completed', finish_reason: 'stop', usage: null, error: null },
  },
};

const opening = (newest: number, live: [id: number, status: MessageStatus, attempt: number][]) =>
  ({
    conversation: { id: ROOM, active_message_id: newest },
    messages: [],
    live: live.map(([message_id, state, attempt]) => ({ message_id, status: state, attempt })),
  }) as unknown as AckData<'conversation:open'>;

describe('What rooms were told', () => {
  let rooms: ShownRooms;
  beforeEach(() => {
    rooms = new ShownRooms();
  });

  /** The result of a look if Postgres has this state of the answer. */
  const look = (state: MessageStatus | null, attempt = 1) => {
    const asked = rooms.running();
    const stored = state ? [{ messageId: ANSWER, status: state, attempt }] : [];
    return [...rooms.lost(asked, stored)];
  };

  it('lacks an end, a start or a new attempt when two looks in a row have found it', () => {
    for (const [state, attempt] of [
      ['completed', 1],
      ['streaming', 2],
      ['queued', 1],
      [null, 0],
    ] as const) {
      rooms = new ShownRooms();
      rooms.see(created(ANSWER, 'streaming', 1));
      expect(look(state, attempt)).to.deep.equal([]);
      expect(look(state, attempt)).to.deep.equal([ROOM]);
    }
  });

  it('lacks nothing when it agrees, or when it was told between the looks', () => {
    rooms.see(created(ANSWER, 'queued'));
    expect(look('streaming')).to.deep.equal([]);
    rooms.see(status(1));
    expect(look('streaming')).to.deep.equal([]);
    expect(look('streaming', 2)).to.deep.equal([]);
    rooms.see(status(2));
    expect(look('completed', 2)).to.deep.equal([]);
    rooms.see(completed);
    expect(look('completed', 2)).to.deep.equal([]);
  });

  it('is told once to read again, also when what it reads is still older', () => {
    rooms.see(created(ANSWER, 'streaming', 1));
    look('streaming', 2);
    expect(look('streaming', 2)).to.deep.equal([ROOM]);
    rooms.resynced(ROOM);
    rooms.opened(opening(ANSWER, [[ANSWER, 'streaming', 1]]));
    for (let i = 0; i < 3; i++) expect(look('streaming', 2)).to.deep.equal([]);
    look('completed', 2);
    expect(look('completed', 2)).to.deep.equal([ROOM]);
  });

  it('is not what one more device has read, which another may have missed', () => {
    rooms.opened(opening(10, []));
    rooms.see(created(ANSWER, 'queued'));
    rooms.opened(opening(20, [[ANSWER, 'streaming', 1]]));
    expect(rooms.newestId(ROOM)).to.equal(ANSWER);
    look('streaming');
    expect(look('streaming')).to.deep.equal([ROOM]);
  });

  it('has an end that came during an opening, which had been read before it', () => {
    rooms.see(created(ANSWER, 'streaming', 1));
    rooms.see(completed);
    rooms.opened(opening(ANSWER, [[ANSWER, 'streaming', 1]]));
    expect([...rooms.running()]).to.deep.equal([]);
  });

  it('begins anew with a room that is opened again', () => {
    rooms.see(created(ANSWER, 'streaming', 1));
    rooms.forget(ROOM);
    expect([...rooms.running()]).to.deep.equal([]);
    expect(rooms.newestId(ROOM)).to.equal(null);
    rooms.opened(opening(30, [[ANSWER, 'streaming', 2]]));
    expect(rooms.newestId(ROOM)).to.equal(30);
    expect([...rooms.running()]).to.deep.equal([[ANSWER, ROOM]]);
  });

  describe('of changes of messages', () => {
    let now = 0;
    const changed = (tree: number): RoomEvent => ({
      name: 'message:deleted',
      tree,
      payload: { conversation_id: ROOM, message_ids: [ANSWER] },
    });
    beforeEach(() => {
      now = 10_000;
      rooms = new ShownRooms(() => now);
    });

    it('lacks those that came after it was read, and that it was not told', () => {
      expect(rooms.lacks(ROOM, 5, 0)).to.equal(false);
      rooms.opened(opening(ANSWER, []));
      now += 2_000;
      expect(rooms.lacks(ROOM, 5, 3_000)).to.equal(false);
      expect(rooms.lacks(ROOM, 5, 1_000)).to.equal(true);
      rooms.see(changed(5));
      expect(rooms.lacks(ROOM, 5, 1_000)).to.equal(false);
      expect(rooms.lacks(ROOM, 6, 500)).to.equal(true);
      rooms.resynced(ROOM);
      expect(rooms.lacks(ROOM, 6, 500)).to.equal(false);
    });

    it('shows no deleted answer any more', () => {
      rooms.see(created(ANSWER, 'streaming', 1));
      rooms.see(changed(1));
      expect([...rooms.running()]).to.deep.equal([]);
    });
  });
});
