import { LIMITS } from '../../contract/limits.js';
import type {
  Conversation,
  ConversationFields,
  ConversationListQuery,
  MemberRole,
  MessagePageQuery,
} from '../../contract/rest.js';
import { notFound } from '../../model/errors.js';
import type { ConversationPage } from '../../ports/conversation-repository.js';
import type { MessagePage } from '../../ports/message-repository.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database, Repositories } from '../../ports/repositories.js';
import type { ModelCatalog } from '../answers/model-catalog.js';
import type { Erasure } from '../erasure.js';
import type { DomainEvents, MemberEvent } from '../events.js';
import type { HeavyWork } from '../limits/heavy-work.js';
import { type Asker, holdRight } from '../sessions/held-right.js';
import { requireAccess } from './access.js';

/** Title of a conversation that was created without one and has no message yet. */
const UNTITLED = '';

export interface ConversationServiceDeps {
  db: Database;
  events: DomainEvents;
  models: ModelCatalog;
  notices: NodeNotices;
  searches: HeavyWork;
  erasure: Pick<Erasure, 'kick'>;
}

export class ConversationService {
  #deps: ConversationServiceDeps;
  #db: Database;
  #events: DomainEvents;
  #models: ModelCatalog;

  constructor(deps: ConversationServiceDeps) {
    this.#deps = deps;
    this.#db = deps.db;
    this.#events = deps.events;
    this.#models = deps.models;
  }

  async create(asker: Asker, given: ConversationFields): Promise<Conversation> {
    const fields = this.#named(given);
    const { userId } = asker;
    const titled = { ...fields, title: fields.title ?? UNTITLED };
    const conversation = await this.#write(asker, (tx) => tx.conversations.create(userId, titled));
    this.#events.emit('member', userId, {
      name: 'conversation:created',
      payload: { conversation },
    });
    return conversation;
  }

  /** Replaces the alias of a model by its id. @throws AppError `validation_failed` */
  #named(fields: ConversationFields): ConversationFields {
    const model = this.#models.resolve(fields.model);
    return model === undefined ? fields : { ...fields, model };
  }

  /** @throws AppError `not_found`, also for conversations of others */
  async get(userId: number, id: number): Promise<Conversation> {
    return this.#require(userId, id, 'viewer');
  }

  async isMember(userId: number, id: number): Promise<boolean> {
    return (await this.#db.conversations.role(id, userId)) !== null;
  }

  /** @throws AppError `rate_limited` while too many searches run, `unavailable` if a search takes too long */
  list(userId: number, query: ConversationListQuery): Promise<ConversationPage> {
    const limit = query.limit ?? LIMITS.pageDefault;
    const list = () => this.#db.conversations.list(userId, { ...query, limit });
    return query.q ? this.#deps.searches.run(userId, list) : list();
  }

  async update(asker: Asker, id: number, given: ConversationFields): Promise<Conversation> {
    const fields = this.#named(given);
    const { userId } = asker;
    await this.#require(userId, id, 'editor');
    await this.#write(asker, (tx) => tx.conversations.update(id, fields));
    const conversation = await this.get(userId, id);
    await this.announceUpdate(userId, conversation);
    return conversation;
  }

  /** Hides the conversation at once. Running answers in it are stopped, and counted like any other. */
  async delete(asker: Asker, id: number): Promise<void> {
    const { notices, erasure } = this.#deps;
    await this.#require(asker.userId, id, 'owner');
    const members = await this.#db.conversations.members(id);
    const running = await this.#write(asker, (tx) => tx.conversations.delete(id));
    await Promise.all(running.map((generationId) => notices.send({ type: 'stop', generationId })));
    erasure.kick();
    for (const member of members) {
      const event: MemberEvent = { name: 'conversation:deleted', payload: { conversation_id: id } };
      this.#events.emit('member', member.id, event);
    }
  }

  /** The last page of the active branch, or the page that ends before message `before`. */
  async messages(userId: number, id: number, query: MessagePageQuery): Promise<MessagePage> {
    const conversation = await this.get(userId, id);
    const limit = query.limit ?? LIMITS.messagePageDefault;
    const leaf = query.before
      ? await this.#parentOf(id, query.before)
      : await this.#leafOf(conversation, query.leaf_message_id);
    if (leaf === null) return { messages: [], hasMore: false };
    return this.#db.messages.branch(id, leaf, { limit });
  }

  /** Notifies every member's devices, each with its own role. `conversation` is as this user sees it. */
  async announceUpdate(userId: number, conversation: Conversation): Promise<void> {
    const alone = [{ id: userId, role: conversation.my_role }];
    const isShared = conversation.member_count > 1;
    const members = isShared ? await this.#db.conversations.members(conversation.id) : alone;
    for (const { id, role } of members) {
      this.#events.emit('member', id, {
        name: 'conversation:updated',
        payload: { conversation: { ...conversation, my_role: role } },
      });
    }
  }

  async #require(userId: number, id: number, needed: MemberRole): Promise<Conversation> {
    const conversation = await this.#db.conversations.find(id, userId);
    requireAccess(conversation, needed);
    return conversation;
  }

  /** Writes nothing for a session after its end, however long the write has waited. */
  #write<T>(asker: Asker, work: (tx: Repositories) => Promise<T>): Promise<T> {
    return this.#db.transaction(async (tx) => {
      await holdRight(tx, asker, 'conversations:write');
      return work(tx);
    });
  }

  async #leafOf(
    { id, active_message_id }: Conversation,
    leafId: number | undefined,
  ): Promise<number | null> {
    if (leafId === undefined) return active_message_id;
    const [leaf] = await this.#db.messages.findMany(id, [leafId]);
    if (!leaf) throw notFound();
    return leaf.id;
  }

  async #parentOf(conversationId: number, messageId: number): Promise<number | null> {
    const [message] = await this.#db.messages.findMany(conversationId, [messageId]);
    if (!message) throw notFound();
    return message.parent_id;
  }
}
