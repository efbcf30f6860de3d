import type { RoomEvent } from '../../../contract/events.js';
import type { Conversation, ConversationAnswer, Message } from '../../../contract/rest.js';
import type { Claim } from '../../../entities/entities.js';
import { conflict, notFound, rateLimited } from '../../../entities/errors.js';
import type { Branch, StopResult } from '../../../ports/repositories/generation-repository.js';
import type { Repositories } from '../../../ports/repositories/repositories.js';
import type { AnswerPlace } from '../../answers/claims/answer-places.js';
import type { ModelCatalog } from '../../answers/model/model-catalog.js';
import type { Estimate } from '../../limits/estimate.js';
import { requireQuota, reservationFor } from '../../limits/quota.js';
import { requireAccess } from '../../rights/access.js';
import { type Asker, holdRight } from '../../rights/held-right.js';

/** A model call that is about to be stored. */
export interface Planned {
  conversation: Pick<Conversation, 'max_tokens' | 'system_prompt'>;
  model: string;
  /** Rough tokens of the branch above the new text. */
  branchTokens: number;
  /** The new text; empty if there is none. */
  text: string;
}

export interface AskPolicy {
  models: Pick<ModelCatalog, 'choose'>;
  /** The tokens that the call will probably use. */
  estimate(planned: Planned): Estimate;
  /** The tokens that an answer without a limit reserves. */
  reserveTokens: number;
  /** Most unfinished answers of one user. */
  pendingPerUser: number;
  /** Lets the answer begin at once, if there is room. */
  place: Pick<AnswerPlace, 'claim'>;
}

/** A stop that was requested inside a transaction, to be carried out after it. */
export type AskedStop = StopResult & { messageId: number };

/** The data that one call has stored. */
export interface Stored {
  /** `created`: together with its first message. `repeated`: an earlier call stored all of it. */
  kind: 'created' | 'appended' | 'repeated';
  conversation: Conversation;
  question: Message | null;
  answer: Message | null;
  /** Whether `answer` was queued by this call. */
  isAsked: boolean;
  /** Events for readers, in this order. */
  news: RoomEvent[];
  stops: AskedStop[];
}

export const createdNews = (...messages: Message[]): RoomEvent[] =>
  messages.map((message) => ({ name: 'message:created', payload: { message } }));

const RETRY_AFTER_MS = 2_000;

export interface Admission {
  /** An earlier call with this key was stored. */
  repeated: boolean;
  conversation: Conversation | null;
  facts: AskFacts;
}

type AskFacts = NonNullable<Awaited<ReturnType<Repositories['generations']['askFacts']>>>;

/**
 * The first step of a transaction that asks: locks the user, so that asks take turns, then the conversation. The
 * order is fixed, and both leave as one message to Postgres.
 * @throws AppError `session_revoked`, `account_disabled`, `forbidden`
 */
export async function admit(
  tx: Repositories,
  asker: Asker,
  {
    clientId,
    conversationId,
    branch = {},
  }: {
    clientId?: string | undefined;
    conversationId?: number | undefined;
    /** The branch that the model will read. */
    branch?: Pick<Branch, 'messageId' | 'above'>;
  },
): Promise<Admission> {
  const [, facts, conversation] = await Promise.all([
    holdRight(tx, asker, 'messages:send'),
    tx.generations.askFacts(asker.userId, clientId ?? null, {
      ...branch,
      conversationId: conversationId ?? null,
    }),
    conversationId === undefined ? null : tx.conversations.lock(conversationId, asker.userId),
  ]);
  if (!facts) throw notFound();
  return { repeated: facts.repeated, conversation, facts };
}

/**
 * The tokens that an answer reserves, to be stored with it. The transaction has admitted its user. A message that asks
 * nobody needs none of this.
 * @throws AppError `rate_limited`, `quota_exceeded`
 */
export function reserve(
  { pending, usage, branchTokens }: AskFacts,
  planned: Omit<Planned, 'branchTokens'>,
  { estimate, reserveTokens, pendingPerUser }: AskPolicy,
): number {
  if (pending >= pendingPerUser) throw rateLimited(RETRY_AFTER_MS);
  requireQuota(usage);
  const want = estimate({ ...planned, branchTokens });
  return reservationFor({ usage, pending, want, reserveTokens });
}

/** @throws AppError `not_found`, `forbidden` */
export function writable(conversation: Conversation | null): Conversation {
  requireAccess(conversation, 'editor');
  return conversation;
}

/** A message of the conversation. @throws AppError `not_found` */
export async function messageOf(
  { messages }: Repositories,
  conversationId: number,
  id: number,
): Promise<Message> {
  const [message] = await messages.findMany(conversationId, [id]);
  if (!message) throw notFound();
  return message;
}

/** The answer as a claim that was won at once leaves it. */
export const begun = (answer: Message, claim: Claim | null): Message =>
  claim ? { ...answer, status: 'streaming', attempt: claim.attempt } : answer;

/**
 * The answer that the list shows once `leaf` is the end of the branch: an earlier one that runs or waits comes first.
 */
export function answerNow(before: Conversation, leaf: Message): ConversationAnswer | null {
  const isLive = before.answer?.status === 'queued' || before.answer?.status === 'streaming';
  return isLive || leaf.role !== 'assistant' ? (isLive ? before.answer : null) : briefOf(leaf);
}

const briefOf = ({ id, attempt, status }: Message): ConversationAnswer => ({
  ...{ message_id: id, attempt, status },
});

/** Requests a stop of those of these answers that are unfinished. */
export async function requestStops(
  { generations }: Repositories,
  messageIds: readonly number[],
  leaseMs: number,
): Promise<AskedStop[]> {
  const stops: AskedStop[] = [];
  for (const messageId of messageIds) {
    const stop = await generations.requestStop(messageId, leaseMs);
    if (stop) stops.push({ ...stop, messageId });
  }
  return stops;
}

/**
 * The result of an earlier call with this key.
 * @throws AppError `conflict` if that call asked for something else; `not_found`
 */
export async function askedBefore(
  tx: Repositories,
  userId: number,
  clientId: string,
  request: string,
): Promise<Message> {
  const asked = await tx.tree.asked(userId, clientId);
  // A known key without a message is that of an erased message.
  if (!asked && !(await tx.messages.findByClientId(userId, clientId))) throw notFound();
  if (asked?.request !== request) throw conflict();
  return messageOf(tx, asked.conversationId, asked.messageId);
}
