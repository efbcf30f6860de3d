import { LIMITS } from '../../contract/limits.js';
import type { Conversation, Message } from '../../contract/rest.js';
import { composed, withoutLeadingBlanks } from '../../contract/text.js';
import { conflict, notFound, rateLimited } from '../../model/errors.js';
import type { StoredTurn } from '../../ports/message-repository.js';
import type { Repositories } from '../../ports/repositories.js';
import type { Reservation } from '../answers/reservations.js';
import { requireQuota } from '../limits/quota.js';
import { type Asker, holdRight } from '../sessions/held-right.js';
import { requireAccess } from './access.js';

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
}

export interface StorePolicy {
  defaultModel: string;
  /** Unfinished answers that one user may have. */
  pendingPerUser: number;
  /** Where the answer begins at once, if there is room. */
  place: Pick<Reservation, 'claim'>;
}

const RETRY_AFTER_MS = 2_000;

/** Inside one transaction: the user message, its queued answer, and the generation that is outbox and queue at once. */
export async function storeTurn(
  tx: Repositories,
  asker: Asker,
  input: SendInput,
  policy: StorePolicy,
): Promise<Stored> {
  const { userId } = asker;
  // In this order, and with one message to Postgres. The first locks the user, so that sends take turns.
  const [, standing, existing] = await Promise.all([
    holdRight(tx, asker, 'messages:send'),
    tx.generations.standing(userId, input.clientId ?? null),
    input.conversationId === undefined ? null : tx.conversations.lock(input.conversationId, userId),
  ]);
  if (!standing) throw notFound();
  if (standing.repeated) return repeat(tx, userId, input);
  if (standing.pending >= policy.pendingPerUser) throw rateLimited(RETRY_AFTER_MS);
  requireQuota(standing.usage);

  const found =
    input.conversationId === undefined
      ? await tx.conversations.create(userId, { title: deriveTitle(input.content) })
      : writable(existing);
  const turn = await tx.messages.createTurn({
    conversationId: found.id,
    parentId: await parentFor(tx, found, input.parentId),
    authorId: userId,
    content: input.content,
    clientId: input.clientId ?? null,
    askedModel: input.model ?? null,
    model: input.model ?? found.model ?? policy.defaultModel,
    title: found.title === '' ? deriveTitle(input.content) : null,
  });
  const claim = await policy.place.claim(tx, turn.generationId);
  return {
    conversation: movedTo(turn, found, input),
    userMessage: turn.question,
    assistantMessage: claim
      ? { ...turn.answer, status: 'streaming', attempt: claim.attempt }
      : turn.answer,
    kind: input.conversationId === undefined ? 'created' : 'appended',
  };
}

/** As it is stored now. Its messages begin at the same time as their transaction. */
const movedTo = (
  { answer, updatedAt }: StoredTurn,
  before: Conversation,
  { content }: SendInput,
): Conversation => ({
  ...before,
  title: before.title === '' ? deriveTitle(content) : before.title,
  active_message_id: answer.id,
  updated_at: updatedAt,
  last_message_at: answer.created_at,
});

function writable(conversation: Conversation | null): Conversation {
  requireAccess(conversation, 'editor');
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

/** The first result again. @throws AppError `conflict` when the same key now carries something else. */
async function repeat(tx: Repositories, userId: number, input: SendInput): Promise<Stored> {
  const before = await tx.messages.findByClientId(userId, input.clientId ?? '');
  if (!before) throw notFound();
  const differs =
    before.content !== input.content ||
    (input.conversationId ?? before.conversation_id) !== before.conversation_id ||
    (input.parentId ?? before.parent_id) !== before.parent_id ||
    (input.model ?? before.model) !== before.model;
  if (differs) throw conflict();
  const conversation = await tx.conversations.find(before.conversation_id, userId);
  const assistantMessage = await tx.messages.firstAnswer(before.id);
  if (!conversation || !assistantMessage) throw notFound();
  return { conversation, userMessage: before, assistantMessage, kind: 'repeated' };
}

/** Enough for the title: no more is composed, whose cost grows with the square of the marks in a row. */
const TITLE_SOURCE_CHARS = 32 * LIMITS.derivedTitleCodePoints;

/** Without what stands before the first character that people see. */
function deriveTitle(content: string): string {
  const source = withoutLeadingBlanks(content).slice(0, TITLE_SOURCE_CHARS);
  return [...composed(source)].slice(0, LIMITS.derivedTitleCodePoints).join('');
}
