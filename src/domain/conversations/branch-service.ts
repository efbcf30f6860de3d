import { setTimeout as sleep } from 'node:timers/promises';
import type { AckData } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { Conversation, Message } from '../../contract/rest.js';
import { isFinished } from '../../entities/entities.js';
import { conflict, notFound } from '../../entities/errors.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import type { GenerationService } from '../answers/generation-service.js';
import type { AnswerWatch } from '../answers/reading/answer-watch.js';
import type { Erasure } from '../erasure.js';
import { requireRole } from '../rights/access.js';
import { type Asker, holdRight } from '../rights/held-right.js';
import { answerNow, messageOf, requestStops, writable } from './asks/ask.js';
import type { ConversationService } from './conversation-service.js';

export interface BranchServiceDeps {
  db: Database;
  log: LiveLog;
  notices: NodeNotices;
  conversations: ConversationService;
  generations: Pick<GenerationService, 'carryOut'>;
  watch: AnswerWatch;
  erasure: Pick<Erasure, 'kick'>;
  leaseMs: number;
}

/** How long a deletion waits for running answers below to end. After that they end later, without an event. */
const STOP_WAIT_MS = 2_000;

interface Deleted {
  conversation: Conversation;
  ids: number[];
  running: number[];
  tree: number;
}

/** Decides which branch of a conversation is active, and deletes messages. */
export class BranchService {
  #deps: BranchServiceDeps;

  constructor(deps: BranchServiceDeps) {
    this.#deps = deps;
  }

  /** Makes the branch through a message, down to its newest leaf, the active one for all members. */
  async select(asker: Asker, messageId: number): Promise<AckData<'message:select'>> {
    const { db, conversations } = this.#deps;
    const { conversationId } = await this.#locate(asker, messageId);
    const conversation = await this.#write(asker, conversationId, async (tx, found) => {
      await messageOf(tx, found.id, messageId);
      const leafId = await tx.tree.newestLeaf(found.id, messageId);
      const updatedAt = await tx.tree.activate(found.id, leafId);
      const answer = answerNow(found, await messageOf(tx, found.id, leafId));
      return { ...found, active_message_id: leafId, updated_at: updatedAt, answer };
    });
    await conversations.announceUpdate(asker.userId, conversation);
    const leafId = conversation.active_message_id ?? messageId;
    const limit = LIMITS.messagePageDefault;
    const page = await db.messages.branch(conversation.id, leafId, { limit });
    return { conversation, messages: page.messages, has_more: page.hasMore };
  }

  /**
   * Deletes a message and everything below it. Running answers there are stopped first. The active branch moves to
   * the nearest sibling, otherwise to the parent.
   * @throws AppError `conflict` if more than `LIMITS.deletedMessages` are affected
   */
  async delete(asker: Asker, messageId: number): Promise<number[]> {
    const { log, notices, conversations, erasure } = this.#deps;
    const { conversationId } = await this.#locate(asker, messageId);
    await this.#stopBelow(asker, conversationId, messageId);
    const { conversation, ids, running, tree } = await this.#write(
      asker,
      conversationId,
      (tx, found) => remove(tx, found, asker.userId, messageId),
    );
    await Promise.all(running.map((generationId) => notices.send({ type: 'stop', generationId })));
    await log.publish(conversationId, {
      name: 'message:deleted',
      tree,
      payload: { conversation_id: conversationId, message_ids: ids },
    });
    await conversations.announceUpdate(asker.userId, conversation);
    erasure.kick();
    return ids;
  }

  /** Ends unfinished answers below a message, so that readers see the end before the deletion. */
  async #stopBelow(asker: Asker, conversationId: number, messageId: number): Promise<void> {
    const { generations, leaseMs } = this.#deps;
    const stops = await this.#write(asker, conversationId, async (tx, found) => {
      requireDeletable(found, asker.userId, await messageOf(tx, found.id, messageId));
      const unfinished = await tx.tree.unfinishedBelow(found.id, messageId);
      return requestStops(tx, unfinished, leaseMs);
    });
    const running = stops.filter(({ state }) => state !== 'finished');
    const watched = await Promise.all(running.map((stop) => this.#watch(stop.messageId)));
    try {
      await Promise.all(stops.map((stop) => generations.carryOut(stop)));
      const ended = Promise.all(watched.map((one) => one?.ended));
      if (running.length > 0) {
        await Promise.race([ended, sleep(STOP_WAIT_MS, null, { ref: false })]).catch(() => null);
      }
    } finally {
      for (const one of watched) one?.close();
    }
  }

  async #watch(messageId: number) {
    const { db, watch } = this.#deps;
    const read = () => db.messages.get(messageId);
    const message = await read();
    return message && !isFinished(message) ? watch.begin(message, read) : null;
  }

  async #locate({ userId }: Asker, messageId: number) {
    const message = await this.#deps.db.messages.find(messageId, userId);
    if (!message) throw notFound();
    return { conversationId: message.conversation_id };
  }

  /** Writes nothing for a session after its end, however long the write has waited. */
  #write<T>(
    asker: Asker,
    conversationId: number,
    work: (tx: Repositories, conversation: Conversation) => Promise<T>,
  ): Promise<T> {
    return this.#deps.db.transaction(async (tx) => {
      await holdRight(tx, asker, 'conversations:write');
      return work(tx, writable(await tx.conversations.lock(conversationId, asker.userId)));
    });
  }
}

/** Owners may delete everything; editors their own questions, and answers. */
function requireDeletable({ my_role }: Conversation, userId: number, message: Message): void {
  const isOwn = message.author?.id === userId || message.role === 'assistant';
  requireRole(my_role, isOwn ? 'editor' : 'owner');
}

async function remove(
  tx: Repositories,
  conversation: Conversation,
  userId: number,
  messageId: number,
): Promise<Deleted> {
  const message = await messageOf(tx, conversation.id, messageId);
  requireDeletable(conversation, userId, message);
  const limit = LIMITS.deletedMessages + 1;
  const ids = await tx.tree.below(conversation.id, messageId, limit);
  if (ids.length === limit) throw conflict();
  const running = await tx.tree.markDeleted(ids);
  const before = conversation.active_message_id;
  const isActive = before !== null && ids.includes(before);
  const leafId = isActive ? await leafInstead(tx, message) : before;
  const { updatedAt, tree } = await tx.tree.changed(conversation.id, leafId);
  const left = (await tx.conversations.find(conversation.id, userId)) ?? conversation;
  const moved = { active_message_id: leafId, updated_at: updatedAt };
  return { conversation: { ...left, ...moved }, ids, running, tree };
}

/** The newest leaf of the sibling before it, otherwise of the one after it; otherwise the parent. */
async function leafInstead(tx: Repositories, message: Message): Promise<number | null> {
  const { id, conversation_id, parent_id, sibling_ids } = message;
  const sibling =
    sibling_ids.filter((other) => other < id).at(-1) ?? sibling_ids.find((other) => other > id);
  return sibling === undefined ? parent_id : tx.tree.newestLeaf(conversation_id, sibling);
}
