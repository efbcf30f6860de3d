import { LIMITS } from '../../contract/limits.js';
import type {
  Conversation,
  ConversationChanges,
  ConversationFields,
  ConversationListQuery,
  MemberRole,
  Message,
  MessagePageQuery,
} from '../../contract/rest.js';
import { notFound } from '../../entities/errors.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { ConversationPage } from '../../ports/repositories/conversation-repository.js';
import type { MessagePage } from '../../ports/repositories/message-repository.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import type { ModelCatalog } from '../answers/model/model-catalog.js';
import type { DomainEvents, MemberEvent } from '../events.js';
import type { HeavyWork } from '../limits/heavy-work.js';
import { requireAccess, requireRole } from '../rights/access.js';
import { type Asker, holdRight } from '../rights/held-right.js';

/** Title of a conversation that was created without one and has no message yet. */
const UNTITLED = '';

type ListEvent = 'conversation:created' | 'conversation:updated';

export interface ConversationServiceDeps {
  db: Database;
  events: DomainEvents;
  models: ModelCatalog;
  log: Pick<LiveLog, 'publish'>;
  notices: NodeNotices;
  searches: HeavyWork;
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
    this.#tell(userId, 'conversation:created', conversation);
    return conversation;
  }

  /** Replaces the alias of a model by its id. @throws AppError `validation_failed` */
  #named<F extends ConversationFields>(fields: F): F {
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

  /** Marks are the asker's own, and any member may set them. */
  async update(asker: Asker, id: number, changes: ConversationChanges): Promise<Conversation> {
    const { pinned, archived, ...given } = changes;
    const fields = this.#named(given);
    const { userId } = asker;
    const marksOnly = Object.keys(fields).length === 0 && Object.keys(changes).length > 0;
    await this.#write(asker, async (tx) => {
      requireAccess(await tx.conversations.lock(id, userId), marksOnly ? 'viewer' : 'editor');
      await tx.conversations.update(id, fields);
      await tx.conversations.mark(id, userId, { pinned, archived });
    });
    const conversation = await this.get(userId, id);
    await this.announceUpdate(userId, conversation);
    return conversation;
  }

  /** Moves the asker's read mark forward to a message. Notifies all readers, and the lists on the asker's devices. */
  async read(asker: Asker, id: number, messageId: number): Promise<void> {
    const { userId } = asker;
    await this.#require(userId, id, 'viewer');
    await this.#messageOf(id, messageId);
    const moved = await this.#db.transaction(async (tx) => {
      await holdRight(tx, asker, 'conversations:read');
      return tx.conversations.readUpTo(id, userId, messageId);
    });
    if (!moved) return;
    const name = 'read:changed';
    const payload = { conversation_id: id, user_id: userId, message_id: messageId };
    await this.#deps.log.publish(id, { name, payload });
    this.#tell(userId, 'conversation:updated', await this.get(userId, id));
  }

  /**
   * Hides the conversation at once. Running answers in it are stopped, and counted like any other. `restore` undoes it
   * for some time.
   */
  async delete(asker: Asker, id: number): Promise<void> {
    const { notices } = this.#deps;
    const { members, running } = await this.#write(asker, async (tx) => {
      requireAccess(await tx.conversations.lock(id, asker.userId), 'owner');
      const before = await tx.conversations.members(id);
      return { members: before, running: await tx.conversations.delete(id) };
    });
    await Promise.all(running.map((generationId) => notices.send({ type: 'stop', generationId })));
    for (const member of members) {
      const event: MemberEvent = { name: 'conversation:deleted', payload: { conversation_id: id } };
      this.#events.emit('member', member.id, event);
    }
  }

  /**
   * Undoes a deletion within `LIMITS.undoMs`, for all members. Stopped answers stay stopped.
   * @throws AppError `not_found`, also when it is too late
   */
  async restore(asker: Asker, id: number): Promise<Conversation> {
    const { userId } = asker;
    const restored = await this.#write(asker, async (tx) => {
      const role = await tx.conversations.removedRole(id, userId);
      if (role === null) return false;
      requireRole(role, 'owner');
      await tx.conversations.restore(id);
      return true;
    });
    // A repeated call finds it restored.
    const conversation = await this.#require(userId, id, 'owner');
    if (restored) await this.#announce('conversation:created', conversation);
    return conversation;
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

  /** Notifies every member's devices, each with its own marks. `conversation` is as this user sees it. */
  async announceUpdate(userId: number, conversation: Conversation): Promise<void> {
    if (conversation.member_count > 1) await this.#announce('conversation:updated', conversation);
    else this.#tell(userId, 'conversation:updated', conversation);
  }

  /** Notifies every member's devices of a change that no user made. */
  async announceChange(id: number): Promise<void> {
    const [first] = await this.#db.conversations.members(id);
    const conversation = first && (await this.#db.conversations.find(id, first.id));
    if (conversation) await this.#announce('conversation:updated', conversation);
  }

  async #announce(name: ListEvent, conversation: Conversation): Promise<void> {
    const members = await this.#db.conversations.memberships(conversation.id);
    for (const { userId, ...membership } of members) {
      this.#tell(userId, name, { ...conversation, ...membership });
    }
  }

  #tell(userId: number, name: ListEvent, conversation: Conversation): void {
    this.#events.emit('member', userId, { name, payload: { conversation } });
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
    return (await this.#messageOf(id, leafId)).id;
  }

  async #parentOf(conversationId: number, messageId: number): Promise<number | null> {
    return (await this.#messageOf(conversationId, messageId)).parent_id;
  }

  async #messageOf(conversationId: number, messageId: number): Promise<Message> {
    const [message] = await this.#db.messages.findMany(conversationId, [messageId]);
    if (!message) throw notFound();
    return message;
  }
}
