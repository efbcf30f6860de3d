import { LIMITS } from '../../../contract/limits.js';
import type { Message } from '../../../contract/rest.js';
import { conflict, notFound } from '../../../entities/errors.js';
import type { Repositories } from '../../../ports/repositories/repositories.js';
import type { Asker } from '../../rights/held-right.js';
import {
  type Admission,
  type AskPolicy,
  admit,
  answerNow,
  askedBefore,
  begun,
  createdNews,
  messageOf,
  requestStops,
  reserve,
  type Stored,
  writable,
} from './ask.js';

export interface AgainInput {
  messageId: number;
  conversationId: number;
  clientId: string;
  model?: string | undefined;
}

/** The common part of both calls; `work` stores the new data. */
async function storeAgain(
  tx: Repositories,
  asker: Asker,
  input: AgainInput,
  { request, above }: { request: string; above: boolean },
  work: (
    answer: Message,
    conversation: Stored['conversation'],
    facts: Admission['facts'],
  ) => Promise<Stored>,
): Promise<Stored> {
  const { userId } = asker;
  const { clientId, conversationId } = input;
  const call = { ...input, branch: { messageId: input.messageId, above } };
  const admission = await admit(tx, asker, call);
  const conversation = writable(admission.conversation);
  if (admission.repeated) {
    const answer = await askedBefore(tx, userId, clientId, request);
    const nothing = { question: null, isAsked: false, news: [], stops: [] };
    return { kind: 'repeated', conversation, answer, ...nothing };
  }
  const target = await messageOf(tx, conversationId, input.messageId);
  if (target.role !== 'assistant') throw conflict();
  const stored = await work(target, conversation, admission.facts);
  if (!stored.answer) throw notFound();
  await tx.tree.remember({ userId, clientId, request }, stored.answer);
  return stored;
}

/**
 * Another answer to the same question, which becomes active. A running answer is stopped first, because a
 * conversation runs one at a time.
 * @throws AppError `conflict` if the message is not an answer
 */
export function storeRegenerate(
  tx: Repositories,
  asker: Asker,
  input: AgainInput,
  policy: AskPolicy & { leaseMs: number },
): Promise<Stored> {
  const request = `regenerate ${input.messageId} ${input.model ?? ''}`;
  const call = { request, above: true };
  return storeAgain(tx, asker, input, call, async (target, conversation, facts) => {
    const model = policy.models.choose(input.model, conversation.model);
    const reserved = reserve(facts, { conversation, model, text: '' }, policy);
    const stops = await requestStops(tx, [target.id], policy.leaseMs);
    const { message, generationId, updatedAt } = await tx.tree.createAnswer({
      conversationId: conversation.id,
      parentId: target.parent_id,
      userId: asker.userId,
      model,
      reserved,
      trace: asker.trace ?? null,
    });
    const claim = await policy.place.claim(tx, generationId);
    const answer = begun(message, claim);
    const at = message.created_at;
    const moved = {
      ...{ active_message_id: message.id, updated_at: updatedAt, last_message_at: at },
      answer: answerNow(conversation, answer),
    };
    const unread = Math.min(conversation.unread_count + 1, LIMITS.unreadCount);
    return {
      kind: 'appended',
      conversation: { ...conversation, ...moved, unread_count: unread },
      question: null,
      answer,
      isAsked: true,
      news: createdNews(answer),
      stops,
    };
  });
}

const canGoOn = ({ status, finish_reason }: Message): boolean =>
  status === 'stopped' ||
  status === 'interrupted' ||
  (status === 'completed' && finish_reason === 'length');

/**
 * Continues the same answer where it ended, as its next attempt, which begins with the existing text.
 * @throws AppError `conflict` if the answer runs or is complete
 */
export function storeContinue(
  tx: Repositories,
  asker: Asker,
  input: AgainInput,
  policy: AskPolicy,
): Promise<Stored> {
  const request = `continue ${input.messageId}`;
  const call = { request, above: false };
  return storeAgain(tx, asker, input, call, async (target, conversation, facts) => {
    if (!canGoOn(target)) throw conflict();
    const model = policy.models.choose(target.model);
    const { message, generationId } = await tx.tree.reopen(
      target.id,
      asker.userId,
      reserve(facts, { conversation, model, text: '' }, policy),
      asker.trace ?? null,
    );
    const claim = await policy.place.claim(tx, generationId);
    const answer = begun(message, claim);
    return {
      kind: 'appended',
      conversation: { ...conversation, answer: answerNow(conversation, answer) },
      question: null,
      answer,
      isAsked: true,
      news: [],
      stops: [],
    };
  });
}
