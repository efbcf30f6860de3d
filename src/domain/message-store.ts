import { LIMITS } from '../contract/limits.js';
import type { Conversation, Message } from '../contract/rest.js';
import type { Repositories } from '../ports/repositories.js';
import type { Claim } from './entities.js';
import { conflict, forbidden, notFound, rateLimited } from './errors.js';
import { requireQuota } from './quota.js';

export interface SendInput {
  content: string;
  conversationId?: number | undefined;
  clientId?: string | undefined;
  parentId?: number | undefined;
  model?: string | undefined;
}

export interface Stored {
  conversation: Conversation;
  userMessage: Message;
  assistantMessage: Message;
  /** What was stored now and is to be announced; `repeated`: an earlier call had stored it. */
  kind: 'created' | 'appended' | 'repeated';
  claim: Claim | null;
}

export interface StorePolicy {
  defaultModel: string;
  /** Unfinished answers that one user may have. */
  pendingPerUser: number;
  claim(tx: Repositories, messageId: number): Promise<Claim | null>;
}

const RETRY_AFTER_MS = 2_000;

/** Inside one transaction: the user message, its queued answer, and the generation that is outbox and queue at once. */
export async function storeTurn(
  tx: Repositories,
  userId: number,
  input: SendInput,
  policy: StorePolicy,
): Promise<Stored> {
  await tx.generations.lockUser(userId);
  const before = input.clientId && (await tx.messages.findByClientId(userId, input.clientId));
  if (before) return repeat(tx, userId, input, before);

  const standing = await tx.generations.standing(userId);
  if (!standing) throw notFound();
  if (standing.pending >= policy.pendingPerUser) throw rateLimited(RETRY_AFTER_MS);
  requireQuota(standing.usage);

  const found = await conversationFor(tx, userId, input);
  const parentId = await parentFor(tx, found, input.parentId);
  const userMessage = await tx.messages.createUserMessage({
    conversationId: found.id,
    parentId,
    authorId: userId,
    content: input.content,
    clientId: input.clientId ?? null,
    model: input.model ?? null,
  });
  const answer = await enqueueAnswer(tx, userId, found, userMessage, policy, input.model);
  const conversation = await tx.conversations.find(found.id, userId);
  if (!conversation) throw notFound();
  const kind = input.conversationId === undefined ? 'created' : 'appended';
  return { conversation, userMessage, kind, ...answer };
}

async function conversationFor(
  tx: Repositories,
  userId: number,
  input: SendInput,
): Promise<Conversation> {
  if (input.conversationId === undefined) {
    return tx.conversations.create(userId, { title: deriveTitle(input.content) });
  }
  const conversation = await tx.conversations.lock(input.conversationId, userId);
  if (!conversation) throw notFound();
  if (conversation.my_role === 'viewer') throw forbidden();
  if (conversation.title === '')
    await tx.conversations.update(conversation.id, { title: deriveTitle(input.content) });
  return conversation;
}

async function parentFor(
  tx: Repositories,
  conversation: Conversation,
  parentId: number | undefined,
) {
  if (parentId === undefined) return conversation.active_message_id;
  const [parent] = await tx.messages.findMany(conversation.id, [parentId]);
  if (!parent) throw notFound();
  return parent.id;
}

async function enqueueAnswer(
  tx: Repositories,
  userId: number,
  conversation: Conversation,
  parent: Message,
  policy: StorePolicy,
  model: string | undefined,
) {
  const message = await tx.messages.createAssistantMessage({
    conversationId: conversation.id,
    parentId: parent.id,
    model: model ?? conversation.model ?? policy.defaultModel,
  });
  await tx.generations.enqueue({ messageId: message.id, conversationId: conversation.id, userId });
  await tx.conversations.activate(conversation.id, message.id);
  const claim = await policy.claim(tx, message.id);
  const assistantMessage: Message = claim
    ? { ...message, status: 'streaming', attempt: claim.attempt }
    : message;
  return { assistantMessage, claim };
}

/** The first result again. @throws AppError `conflict` when the same key now carries something else. */
async function repeat(
  tx: Repositories,
  userId: number,
  input: SendInput,
  before: Message,
): Promise<Stored> {
  const differs =
    before.content !== input.content ||
    (input.conversationId ?? before.conversation_id) !== before.conversation_id ||
    (input.parentId ?? before.parent_id) !== before.parent_id ||
    (input.model ?? before.model) !== before.model;
  if (differs) throw conflict();
  const conversation = await tx.conversations.find(before.conversation_id, userId);
  const assistantMessage = await tx.messages.firstAnswer(before.id);
  if (!conversation || !assistantMessage) throw notFound();
  return { conversation, userMessage: before, assistantMessage, kind: 'repeated', claim: null };
}

const deriveTitle = (content: string) =>
  [...content].slice(0, LIMITS.derivedTitleCodePoints).join('');
