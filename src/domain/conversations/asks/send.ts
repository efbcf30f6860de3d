import { LIMITS } from '../../../contract/limits.js';
import type { Conversation, Message } from '../../../contract/rest.js';
import { composed, withoutLeadingBlanks } from '../../../contract/text.js';
import { conflict, notFound } from '../../../entities/errors.js';
import type { Repositories } from '../../../ports/repositories/repositories.js';
import type { Asker } from '../../rights/held-right.js';
import {
  type Admission,
  type AskPolicy,
  admit,
  answerNow,
  begun,
  createdNews,
  messageOf,
  requestStops,
  reserve,
  type Stored,
  writable,
} from './ask.js';
import { asksModel } from './mention.js';

export interface SendInput {
  content: string;
  conversationId?: number | undefined;
  clientId?: string | undefined;
  parentId?: number | undefined;
  model?: string | undefined;
  answer?: boolean | undefined;
  interrupt?: boolean | undefined;
}

/**
 * Stores the user message, its queued answer, and the generation, which is outbox and queue in one. Needs a
 * transaction.
 */
export async function storeTurn(
  tx: Repositories,
  asker: Asker,
  input: SendInput,
  policy: AskPolicy & { leaseMs: number },
): Promise<Stored> {
  const { userId } = asker;
  const call = { ...input, branch: { messageId: input.parentId } };
  const { repeated, conversation, facts } = await admit(tx, asker, call);
  if (repeated) return repeat(tx, userId, input);
  const isNew = input.conversationId === undefined;
  const found = isNew
    ? await tx.conversations.create(userId, { title: deriveTitle(input.content) }, true)
    : writable(conversation);
  const stops = input.interrupt
    ? await requestStops(tx, await tx.tree.running(found.id), policy.leaseMs)
    : [];
  const parentId = await parentFor(tx, found, input.parentId);
  const stored = await storeMessage(tx, asker, policy, {
    ...input,
    conversation: found,
    parentId,
    facts,
  });
  return { ...stored, stops, kind: isNew ? 'created' : 'appended' };
}

export interface NewQuestion {
  facts: Admission['facts'];
  conversation: Conversation;
  parentId: number | null;
  content: string;
  clientId?: string | undefined;
  model?: string | undefined;
  answer?: boolean | undefined;
  interrupt?: boolean | undefined;
}

/** Stores a message, with an answer if it asks the model. */
export async function storeMessage(
  tx: Repositories,
  asker: Asker,
  policy: AskPolicy,
  input: NewQuestion,
): Promise<Stored> {
  const { conversation } = input;
  const fields = {
    conversationId: conversation.id,
    parentId: input.parentId,
    authorId: asker.userId,
    userId: asker.userId,
    content: input.content,
    clientId: input.clientId ?? null,
    title: conversation.title === '' ? deriveTitle(input.content) : null,
  };
  if (!asksModel(conversation, input))
    return storeUnasked(tx, { ...fields, model: input.model ?? null }, input);
  const model = policy.models.choose(input.model, conversation.model);
  const planned = { conversation, model, text: input.content };
  const turn = await tx.messages.createTurn({
    ...fields,
    askedModel: input.model ?? null,
    model,
    reserved: reserve(input.facts, planned, policy),
    trace: asker.trace ?? null,
  });
  if (input.interrupt) await tx.tree.putFirst(conversation.id, turn.generationId);
  const claim = await policy.place.claim(tx, turn.generationId);
  const answer = begun(turn.answer, claim);
  return {
    kind: 'appended',
    conversation: movedTo({ leaf: answer, question: turn.question }, turn.updatedAt, input),
    question: turn.question,
    answer,
    isAsked: true,
    news: createdNews(turn.question, answer),
    stops: [],
  };
}

type UnaskedFields = Omit<Parameters<Repositories['tree']['createText']>[0], 'role'>;

async function storeUnasked(
  tx: Repositories,
  fields: UnaskedFields,
  input: NewQuestion,
): Promise<Stored> {
  const { message, updatedAt } = await tx.tree.createText({ ...fields, role: 'user' });
  return {
    kind: 'appended',
    conversation: movedTo({ leaf: message, question: message }, updatedAt, input),
    question: message,
    answer: null,
    isAsked: false,
    news: createdNews(message),
    stops: [],
  };
}

/** The conversation as it is stored now. The times of its messages are those of the transaction's beginning. */
const movedTo = (
  { leaf, question }: { leaf: Message; question: Message },
  updatedAt: string,
  { conversation, content }: NewQuestion,
): Conversation => ({
  ...conversation,
  title: conversation.title === '' ? deriveTitle(content) : conversation.title,
  active_message_id: leaf.id,
  answer: answerNow(conversation, leaf),
  updated_at: updatedAt,
  last_message_at: leaf.created_at,
  read_message_id: question.id,
  // The answer, if one was asked for: all others are older.
  unread_count: leaf.id === question.id ? 0 : 1,
});

async function parentFor(
  tx: Repositories,
  conversation: Conversation,
  parentId: number | undefined,
) {
  if (parentId === undefined) return conversation.active_message_id;
  return (await messageOf(tx, conversation.id, parentId)).id;
}

/** Returns the first result again. @throws AppError `conflict` if the same key now carries another payload */
async function repeat(tx: Repositories, userId: number, input: SendInput): Promise<Stored> {
  const clientId = input.clientId ?? '';
  if (await tx.tree.asked(userId, clientId)) throw conflict();
  const before = await tx.messages.findByClientId(userId, clientId);
  if (!before) throw notFound();
  const conversation = await tx.conversations.find(before.conversation_id, userId);
  const answer = await tx.messages.firstAnswer(before.id);
  const differs =
    before.content !== input.content ||
    (input.conversationId ?? before.conversation_id) !== before.conversation_id ||
    (input.parentId ?? before.parent_id) !== before.parent_id ||
    (input.model ?? before.model) !== before.model;
  if (differs || (input.answer === false && answer)) throw conflict();
  // There is no answer if the conversation had another mode at that time, or if it was deleted.
  if (!conversation || (!answer && input.answer === true)) throw notFound();
  const nothing = { isAsked: false, news: [], stops: [] };
  return { kind: 'repeated', conversation, question: before, answer, ...nothing };
}

/**
 * Enough text for a title. A longer text is not composed, because the cost grows with the square of the marks in a row.
 */
const TITLE_SOURCE_CHARS = 32 * LIMITS.derivedTitleCodePoints;

/** Leaves out everything before the first visible character. */
function deriveTitle(content: string): string {
  const source = withoutLeadingBlanks(content).slice(0, TITLE_SOURCE_CHARS);
  return [...composed(source)].slice(0, LIMITS.derivedTitleCodePoints).join('');
}
