import type { AckData, ClientPayload, LiveText, MessageCursor } from '../contract/events.js';
import { LIMITS } from '../contract/limits.js';
import type { Conversation, Message } from '../contract/rest.js';
import type { Database } from '../ports/repositories.js';
import type { ConversationService } from './conversation-service.js';
import { isFinished } from './entities.js';
import type { GenerationService } from './generation-service.js';

type OpenPayload = ClientPayload<'conversation:open'>;
export type OpenView = Omit<AckData<'conversation:open'>, 'presence'>;

/** What a device needs to show a conversation and to follow it from there. */
export class ConversationView {
  #db: Database;
  #conversations: ConversationService;
  #generations: GenerationService;

  constructor(db: Database, conversations: ConversationService, generations: GenerationService) {
    this.#db = db;
    this.#conversations = conversations;
    this.#generations = generations;
  }

  /** `join` subscribes the device, after it was allowed to and before state is read: nothing falls between. */
  async open(userId: number, payload: OpenPayload, join: () => Promise<void>): Promise<OpenView> {
    await this.#conversations.get(userId, payload.conversation_id);
    await join();
    const conversation = await this.#conversations.get(userId, payload.conversation_id);
    const [members, page] = await Promise.all([
      this.#db.conversations.members(conversation.id),
      this.#page(conversation, payload),
    ]);
    const known = await this.#withCursors(conversation.id, page.messages, payload.cursors ?? []);
    return {
      conversation,
      members,
      has_more: page.hasMore,
      ...(await this.#split(known, payload.cursors ?? [])),
    };
  }

  #page(conversation: Conversation, { limit, after_message_id }: OpenPayload) {
    const leaf = conversation.active_message_id;
    if (leaf === null) return { messages: [], hasMore: false };
    return this.#db.messages.branch(conversation.id, leaf, {
      limit: limit ?? LIMITS.messagePageDefault,
      ...(after_message_id !== undefined && { afterId: after_message_id }),
    });
  }

  /** The page, and every answer that the device says it was reading. */
  async #withCursors(conversationId: number, page: Message[], cursors: MessageCursor[]) {
    const there = new Set(page.map(({ id }) => id));
    const missing = cursors.map((cursor) => cursor.message_id).filter((id) => !there.has(id));
    const others = await this.#db.messages.findMany(conversationId, missing);
    return [...page, ...others].sort((a, b) => a.id - b.id);
  }

  /** Texts of running answers go to `live`; one that ended while we looked is read again. */
  async #split(messages: Message[], cursors: MessageCursor[]) {
    const cursorOf = new Map(cursors.map((cursor) => [cursor.message_id, cursor]));
    const live: LiveText[] = [];
    const ended: number[] = [];
    for (const message of messages.filter((m) => !isFinished(m))) {
      const text = await this.#generations.liveText(message, cursorOf.get(message.id));
      if (text) live.push(text);
      else ended.push(message.id);
    }
    const fresh = new Map<number, Message>();
    for (const id of ended) {
      const message = await this.#db.messages.get(id);
      if (message) fresh.set(id, message);
    }
    return { messages: messages.map((m) => fresh.get(m.id) ?? m), live };
  }
}
