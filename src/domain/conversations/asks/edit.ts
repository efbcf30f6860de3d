import { createHash } from 'node:crypto';
import type { EditBody, Message } from '../../../contract/rest.js';
import { conflict, notFound } from '../../../entities/errors.js';
import type { Repositories } from '../../../ports/repositories/repositories.js';
import type { LockedAnswer } from '../../../ports/repositories/tree-repository.js';
import type { Asker } from '../../rights/held-right.js';
import {
  type Admission,
  type AskedStop,
  type AskPolicy,
  admit,
  answerNow,
  askedBefore,
  createdNews,
  messageOf,
  requestStops,
  reserve,
  type Stored,
  writable,
} from './ask.js';
import { storeMessage } from './send.js';

export interface EditInput extends Omit<EditBody, 'client_id'> {
  clientId: string;
  messageId: number;
  conversationId: number;
}

/** Equal for equal edits, and of bounded length. */
const requestOf = ({ messageId, content, model, answer, interrupt }: EditInput): string =>
  `edit ${messageId} ${createHash('sha256')
    .update(JSON.stringify([content, model ?? null, answer ?? true, ...(interrupt ? [true] : [])]))
    .digest('base64url')}`;

/**
 * Changes the text of a message. A question that waits is changed in place. Otherwise the text becomes a sibling,
 * which becomes active and is asked. An edited answer is not sent to the model.
 * @throws AppError `conflict` for a system message, and for a question that should only go first but no longer waits
 */
export async function storeEdit(
  tx: Repositories,
  asker: Asker,
  input: EditInput,
  policy: AskPolicy & { leaseMs: number },
): Promise<Stored> {
  const { clientId, conversationId, messageId } = input;
  const call = { clientId, conversationId, branch: { messageId, above: true } };
  const admission = await admit(tx, asker, call);
  const conversation = writable(admission.conversation);
  const request = requestOf(input);
  if (admission.repeated) return repeat(tx, asker.userId, clientId, request, conversation.id);
  const target = await messageOf(tx, conversationId, messageId);
  if (target.role === 'system') throw conflict();
  const { facts } = admission;
  const edit = { tx, asker, input, target, policy, conversation, facts };
  const stored = target.role === 'assistant' ? await editAnswer(edit) : await editQuestion(edit);
  const result = target.role === 'assistant' ? stored.answer : stored.question;
  if (!result) throw new Error('an edit has no result');
  await tx.tree.remember({ userId: asker.userId, clientId, request }, result);
  return stored;
}

interface Edit {
  tx: Repositories;
  asker: Asker;
  input: EditInput;
  target: Message;
  policy: AskPolicy & { leaseMs: number };
  conversation: Stored['conversation'];
  facts: Admission['facts'];
}

const NOTHING_ASKED = { kind: 'appended', isAsked: false, stops: [] } as const;

async function editAnswer({ tx, asker, input, target, conversation }: Edit): Promise<Stored> {
  const { message, updatedAt } = await tx.tree.createText({
    conversationId: conversation.id,
    parentId: target.parent_id,
    role: 'assistant',
    authorId: null,
    userId: asker.userId,
    content: input.content,
    clientId: null,
    model: target.model,
    title: null,
  });
  const question =
    target.parent_id === null ? null : await messageOf(tx, conversation.id, target.parent_id);
  const at = message.created_at;
  const moved = {
    ...{ active_message_id: message.id, updated_at: updatedAt, last_message_at: at },
    answer: answerNow(conversation, message),
  };
  const read = { read_message_id: message.id, unread_count: 0 };
  return {
    ...NOTHING_ASKED,
    conversation: { ...conversation, ...moved, ...read },
    question,
    answer: message,
    news: createdNews(message),
    stops: [],
  };
}

/**
 * Whether the question still waits is decided under the lock that a claim takes, so no answer is requested with half
 * of each text. An answer that waits to be continued belongs to the text that it has.
 */
async function editQuestion(edit: Edit): Promise<Stored> {
  const { tx, asker, input, target, policy, conversation, facts } = edit;
  const answers = await tx.tree.lockAnswers(conversation.id, target.id);
  const isNew = ({ status, hasText }: LockedAnswer) => status === 'queued' && !hasText;
  const waits = answers.length > 0 && answers.every(isNew);
  const onlyHurries = input.interrupt && input.content === target.content;
  if (onlyHurries && !waits) throw conflict();
  const stops = await stopsFor(edit);
  if (waits && input.answer !== false) return { ...(await replace(edit, answers)), stops };
  const { content, model, answer, interrupt } = input;
  const stored = await storeMessage(tx, asker, policy, {
    ...{ facts, conversation, parentId: target.parent_id, content, model, answer, interrupt },
    clientId: input.clientId,
  });
  return { ...stored, stops };
}

/** A running answer is stopped so that the question goes before it. */
async function stopsFor({ tx, input, policy, conversation }: Edit): Promise<AskedStop[]> {
  if (!input.interrupt) return [];
  return requestStops(tx, await tx.tree.running(conversation.id), policy.leaseMs);
}

async function replace(edit: Edit, answers: readonly LockedAnswer[]): Promise<Stored> {
  const { tx, input, target, conversation } = edit;
  await reserveInstead(edit, answers);
  const [first] = answers;
  if (input.interrupt && first?.generationId != null)
    await tx.tree.putFirst(conversation.id, first.generationId);
  const question = await tx.tree.rewrite(target.id, input.content, input.model ?? null);
  if (!question) throw notFound();
  const { active_message_id } = conversation;
  const { updatedAt, tree } = await tx.tree.changed(conversation.id, active_message_id);
  const [answer] = await tx.messages.findMany(conversation.id, [answers.at(-1)?.id ?? 0]);
  return {
    ...NOTHING_ASKED,
    conversation: { ...conversation, updated_at: updatedAt },
    question,
    answer: answer ?? null,
    news: [{ name: 'message:updated', tree, payload: { message: question } }],
    stops: [],
  };
}

/** Each answer that waits holds the estimate of the new text. @throws AppError `quota_exceeded` */
async function reserveInstead(
  { tx, asker, input, policy, conversation, facts }: Edit,
  answers: readonly Message[],
): Promise<void> {
  const ids = answers.map(({ id }) => id);
  const waiting = await tx.generations.heldBy(ids, asker.userId);
  const given = waiting.reduce((sum, { reserved }) => sum + reserved, 0);
  const planned = {
    conversation,
    model: input.model ?? answers.at(-1)?.model ?? '',
    text: input.content,
  };
  let reserved = facts.usage.reserved - given;
  let pending = facts.pending - waiting.length;
  for (const { messageId } of waiting) {
    const usage = { ...facts.usage, reserved };
    const tokens = reserve({ ...facts, usage, pending }, planned, policy);
    await tx.generations.holdInstead(messageId, tokens);
    reserved += tokens;
    pending += 1;
  }
}

async function repeat(
  tx: Repositories,
  userId: number,
  clientId: string,
  request: string,
  conversationId: number,
): Promise<Stored> {
  const result = await askedBefore(tx, userId, clientId, request);
  const conversation = await tx.conversations.find(conversationId, userId);
  if (!conversation) throw notFound();
  const isAnswer = result.role === 'assistant';
  const [above] =
    isAnswer && result.parent_id !== null
      ? await tx.messages.findMany(conversationId, [result.parent_id])
      : [];
  return {
    kind: 'repeated',
    conversation,
    question: isAnswer ? (above ?? null) : result,
    answer: isAnswer ? result : await tx.messages.firstAnswer(result.id),
    isAsked: false,
    news: [],
    stops: [],
  };
}
