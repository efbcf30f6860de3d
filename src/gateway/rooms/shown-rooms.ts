import type { AckData, RoomEvent } from '../../contract/events.js';
import type { MessageStatus } from '../../contract/rest.js';
import type { AnswerState } from '../../ports/repositories/screen-repository.js';

interface ShownAnswer {
  status: MessageStatus;
  attempt: number;
}

interface Shown {
  /** The newest message; null before anything is known. */
  newestId: number | null;
  /** The newest change of messages that the room was told; null: none yet. */
  tree: number | null;
  /** When its first device began to read it, by `now`. */
  since: number;
  /**
   * Running answers. Ended ones stay for two looks, so that an older reply to `conversation:open` does not revive
   * them.
   */
  answers: Map<number, ShownAnswer & { looks: number }>;
}

const MOST_SETTLED = 1_000;

const isRunning = ({ status }: { status: MessageStatus }) =>
  status === 'queued' || status === 'streaming';

const conversationOfEvent = ({ payload }: RoomEvent): number =>
  'message' in payload ? payload.message.conversation_id : payload.conversation_id;

const isSame = (a: ShownAnswer, b: ShownAnswer) => a.status === b.status && a.attempt === b.attempt;

/**
 * The messages and running answers that the rooms on this node were told. A reply to `conversation:open` counts only
 * while nothing else is known of the room, because other devices may not have it.
 */
export class ShownRooms {
  #now: () => number;
  #rooms = new Map<number, Shown>();
  /** Different states that Postgres had at the last look. */
  #suspects = new Map<number, ShownAnswer>();
  /** States in Postgres for which readers were resynchronised. Once is enough, even while the log is behind. */
  #settled = new Map<number, ShownAnswer>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes every event that a room on this node gets. */
  see(event: RoomEvent): void {
    if (event.tree !== undefined) {
      const room = this.#room(conversationOfEvent(event));
      room.tree = Math.max(room.tree ?? 0, event.tree);
    }
    if (event.name === 'message:deleted') {
      const { answers } = this.#room(event.payload.conversation_id);
      for (const id of event.payload.message_ids) answers.delete(id);
    }
    if (event.name === 'message:created') {
      const { id, conversation_id, status, attempt } = event.payload.message;
      const room = this.#room(conversation_id);
      room.newestId = Math.max(room.newestId ?? 0, id);
      if (isRunning({ status })) room.answers.set(id, { status, attempt, looks: 0 });
    } else if (event.name === 'message:status' || event.name === 'message:completed') {
      const { conversation_id, message_id, status, attempt } = event.payload;
      this.#room(conversation_id).answers.set(message_id, { status, attempt, looks: 0 });
    }
  }

  /** Takes the state that a device got when it opened a conversation. */
  opened({ conversation, messages, live }: AckData<'conversation:open'>): void {
    const room = this.#room(conversation.id);
    const ids = [...messages, ...live.map(({ message_id }) => ({ id: message_id }))];
    room.newestId ??= Math.max(conversation.active_message_id ?? 0, ...ids.map(({ id }) => id));
    for (const { message_id, status, attempt } of live) {
      if (!room.answers.has(message_id)) {
        room.answers.set(message_id, { status, attempt, looks: 0 });
      }
    }
  }

  /** The conversation's devices are about to open it again. */
  resynced(conversationId: number): void {
    const room = this.#rooms.get(conversationId);
    if (!room) return;
    room.newestId = null;
    room.tree = null;
    room.since = this.#now();
    for (const [id, answer] of room.answers) if (isRunning(answer)) room.answers.delete(id);
  }

  /** No socket on this node reads it any more. */
  forget(conversationId: number): void {
    this.#rooms.delete(conversationId);
  }

  /** Whether a room that was being read `ageMs` ago did not get the change of messages made then. */
  lacks(conversationId: number, tree: number, ageMs: number): boolean {
    const room = this.#rooms.get(conversationId);
    if (!room) return false;
    return room.tree === null ? this.#now() - room.since > ageMs : room.tree < tree;
  }

  newestId(conversationId: number): number | null {
    return this.#rooms.get(conversationId)?.newestId ?? null;
  }

  /** The conversation of each running answer. Also forgets answers that ended two looks ago. */
  running(): Map<number, number> {
    const running = new Map<number, number>();
    for (const [conversationId, { answers }] of this.#rooms) {
      for (const [id, answer] of answers) {
        if (isRunning(answer)) running.set(id, conversationId);
        else if (++answer.looks > 1) answers.delete(id);
      }
    }
    return running;
  }

  /**
   * Compares the given answers with their states in Postgres. Returns the conversations in which an answer differed
   * in the same way at two looks.
   */
  lost(asked: ReadonlyMap<number, number>, states: readonly AnswerState[]): Set<number> {
    const stored = new Map(states.map((state) => [state.messageId, state]));
    const suspects = new Map<number, ShownAnswer>();
    const lost = new Set<number>();
    for (const [id, conversationId] of asked) {
      const shown = this.#rooms.get(conversationId)?.answers.get(id);
      const state = stored.get(id) ?? { status: 'failed', attempt: 0 };
      const settled = this.#settled.get(id);
      if (!shown || isSame(shown, state) || (settled && isSame(settled, state))) continue;
      const before = this.#suspects.get(id);
      if (before && isSame(before, state) && shown.looks > 0) {
        lost.add(conversationId);
        this.#settle(id, state);
      }
      shown.looks += 1;
      suspects.set(id, state);
    }
    this.#suspects = suspects;
    return lost;
  }

  #settle(messageId: number, state: ShownAnswer): void {
    this.#settled.delete(messageId);
    this.#settled.set(messageId, state);
    const [oldest] = this.#settled.keys();
    if (this.#settled.size > MOST_SETTLED && oldest !== undefined) this.#settled.delete(oldest);
  }

  #room(conversationId: number): Shown {
    const room = this.#rooms.get(conversationId) ?? {
      newestId: null,
      tree: null,
      since: this.#now(),
      answers: new Map(),
    };
    this.#rooms.set(conversationId, room);
    return room;
  }
}
