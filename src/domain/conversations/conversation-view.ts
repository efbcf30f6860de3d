import type { AckData, ClientPayload, LiveText, MessageCursor } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { Message } from '../../contract/rest.js';
import { isFinished } from '../../entities/entities.js';
import { notFound } from '../../entities/errors.js';
import type {
  ConversationSnapshot,
  OtherMessage,
} from '../../ports/repositories/conversation-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { GenerationService } from '../answers/generation-service.js';
import { requireRole } from '../rights/access.js';

type OpenPayload = ClientPayload<'conversation:open'>;
export type OpenView = Omit<AckData<'conversation:open'>, 'presence'>;

/** Everything that a device needs to show a conversation and to follow it from there. */
export class ConversationView {
  #db: Database;
  #generations: GenerationService;

  constructor(db: Database, generations: GenerationService) {
    this.#db = db;
    this.#generations = generations;
  }

  /**
   * `join` subscribes the device after the access check and before state is read, so that nothing is missed in
   * between.
   */
  async open(userId: number, payload: OpenPayload, join: () => Promise<void>): Promise<OpenView> {
    const { conversation_id, cursors = [] } = payload;
    requireRole(await this.#db.conversations.role(conversation_id, userId), 'viewer');
    await join();
    const { conversation, members, page, others } = await this.#read(userId, payload);
    const known = [...page.messages, ...others.filter(hasText)].sort((a, b) => a.id - b.id);
    const { messages, live } = await this.#split(known, cursors);
    const ends = others.filter((other) => !hasText(other)).map(endOf);
    return { conversation, members, has_more: page.hasMore, messages, live: [...live, ...ends] };
  }

  /** The page, and every answer that the device says it was reading. */
  async #read(userId: number, payload: OpenPayload): Promise<ConversationSnapshot> {
    const { conversation_id, limit, after_message_id, leaf_message_id, cursors = [] } = payload;
    if (leaf_message_id !== undefined) await this.#requireLeaf(conversation_id, leaf_message_id);
    const snapshot = await this.#db.conversations.view({
      id: conversation_id,
      memberId: userId,
      limit: limit ?? LIMITS.messagePageDefault,
      others: cursors.map(({ message_id }) => message_id),
      ...(after_message_id !== undefined && { afterId: after_message_id }),
      ...(leaf_message_id !== undefined && { leafId: leaf_message_id }),
    });
    if (!snapshot) throw notFound();
    return snapshot;
  }

  async #requireLeaf(conversationId: number, id: number): Promise<void> {
    const found = await this.#db.messages.findMany(conversationId, [id]);
    if (found.length === 0) throw notFound();
  }

  /** Texts of running answers go to `live`. An answer that ended in the meantime is read again. */
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

const hasText = (other: OtherMessage): other is Message => other.content !== null;

/** Tells only the position where the text ends. A device that lacks text resumes, as after any other gap. */
const endOf = ({ id, status, attempt, seq }: OtherMessage): LiveText => ({
  message_id: id,
  status,
  attempt,
  from_seq: seq,
  seq,
  text: '',
});
