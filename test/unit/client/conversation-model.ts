import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Call } from '../../../src/client/call.js';
import type { Asks } from '../../../src/client/conversation/asks.js';
import type {
  AckData,
  ClientPayload,
  Cursor,
  LiveText,
  RoomEvent,
} from '../../../src/contract/events.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';

const AT = '2026-01-01T00:00:00.000Z';

export function message(id: number, fields: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: 1,
    parent_id: id === 1 ? null : id - 1,
    role: id % 2 === 1 ? 'user' : 'assistant',
    author: null,
    status: 'completed',
    content: `text ${id}`,
    sha256: null,
    reasoning: null,
    reasoning_ms: null,
    context: null,
    model: null,
    attempt: 0,
    seq: 0,
    client_id: null,
    finish_reason: null,
    usage: null,
    error: null,
    created_at: AT,
    completed_at: AT,
    sibling_ids: [id],
    ...fields,
  };
}

export const conversation = (leaf: number | null): Conversation => ({
  id: 1,
  title: 'One',
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
  active_message_id: leaf,
  answer: null,
  created_at: AT,
  updated_at: AT,
  last_message_at: AT,
});

const refuse = () => Promise.reject(new Error('not asked for here'));

/** Stores that only read ask nothing. */
export const NO_ASKS: Asks = {
  send: refuse,
  edit: refuse,
  regenerate: refuse,
  continue: refuse,
  select: refuse,
  deleteMessage: refuse,
};

/** A conversation on a server, as far as the protocol is concerned. */
export class Model {
  messages: Message[] = [message(1), message(2)];
  deltas: string[] = [];
  presence: number[] = [];
  running: number | null = null;
  attempt = 1;
  /** The next call is refused with this error. */
  refuseNext: Error | null = null;
  readonly asked: { event: string; payload: unknown }[] = [];

  readonly call: Call = async (event, payload) => {
    this.asked.push({ event, payload });
    const refusal = this.refuseNext;
    this.refuseNext = null;
    if (refusal) {
      await turn();
      throw refusal;
    }
    const answer = this.#answer(event, payload);
    await turn();
    return answer as never;
  };

  opens(): ClientPayload<'conversation:open'>[] {
    return this.asked
      .filter(({ event }) => event === 'conversation:open')
      .map(({ payload }) => payload as ClientPayload<'conversation:open'>);
  }

  begin(id: number): RoomEvent {
    const parent_id = this.messages.at(-1)?.id ?? null;
    const answer = message(id, { parent_id, status: 'streaming', content: '', completed_at: null });
    this.messages.push(answer);
    this.running = id;
    return { name: 'message:created', payload: { message: answer } };
  }

  write(text: string): RoomEvent {
    this.deltas.push(text);
    const cursor = { attempt: this.attempt, seq: this.deltas.length };
    return {
      name: 'message:delta',
      payload: { conversation_id: 1, message_id: this.running ?? 0, text, ...cursor },
    };
  }

  /** Another node takes over and starts again. */
  takeOver(): void {
    this.attempt += 1;
    this.deltas = [];
  }

  finish(): RoomEvent {
    const id = this.running ?? 0;
    const content = this.deltas.join('');
    const cursor = { attempt: this.attempt, seq: this.deltas.length };
    const parent_id = this.messages.at(-2)?.id ?? null;
    const ended = message(id, { parent_id, content, ...cursor });
    this.messages = this.messages.map((item) => (item.id === id ? ended : item));
    this.running = null;
    return {
      name: 'message:completed',
      payload: {
        conversation_id: 1,
        message_id: id,
        bytes: Buffer.byteLength(content),
        sha256: createHash('sha256').update(content).digest('hex'),
        status: 'completed',
        finish_reason: 'stop',
        usage: null,
        error: null,
        ...cursor,
      },
    };
  }

  #answer(event: string, payload: unknown): unknown {
    if (event === 'conversation:open') return this.#open(payload as never);
    const { message_id: _, ...resumed } = this.#live(payload as Cursor);
    return resumed;
  }

  #open(asked: ClientPayload<'conversation:open'>): AckData<'conversation:open'> {
    const cursors = asked.cursors ?? [];
    const wanted = (id: number) =>
      id > (asked.after_message_id ?? 0) || cursors.some((cursor) => cursor.message_id === id);
    const cursor = cursors.find(({ message_id }) => message_id === this.running);
    return {
      conversation: conversation(this.messages.at(-1)?.id ?? null),
      members: [],
      presence: this.presence,
      messages: this.messages.filter(({ id }) => wanted(id)),
      has_more: false,
      live: this.running === null ? [] : [this.#live(cursor ?? { attempt: 0, seq: 0 })],
    };
  }

  #live(cursor: Cursor): LiveText {
    const from = cursor.attempt === this.attempt ? cursor.seq : 0;
    return {
      message_id: this.messages.at(-1)?.id ?? 0,
      status: this.running === null ? 'completed' : 'streaming',
      attempt: this.attempt,
      from_seq: from,
      seq: Math.max(from, this.deltas.length),
      text: this.deltas.slice(from).join(''),
    };
  }
}
