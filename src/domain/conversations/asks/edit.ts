import { createHash } from 'node:crypto';
import type { EditBody, Message } from '../../../contract/rest.js';
import { conflict, notFound } from '../../../model/errors.js';
import type { Repositories } from '../../../ports/repositories.js';
import type { LockedAnswer } from '../../../ports/tree-repository.js';
import type { Asker } from '../../sessions/held-right.js';
import { storeMessage } from '../message-store.js';
import {
  type AskPolicy,
  admit,
  askedBefore,
  createdNews,
  messageOf,
  type Stored,
  writable,
} from './ask.js';

export interface EditInput extends EditBody {
  messageId: number;
  conversationId: number;
}

/** Equal for equal edits, and of bounded length. */
const requestOf = ({ messageId, content, model, answer }: EditInput): string =>
  `edit ${messageId} ${createHash('sha256')
    .update(JSON.stringify([content, model ?? null, answer ?? true]))
    .digest('base64url')}`;

/**
 * Changes the text of a message. A question that waits is changed in place. Otherwise the text becomes a sibling,
 * which becomes active and is asked. An edited answer is not sent to the model.
 * @throws AppError `conflict` for a system message
 */
export async function storeEdit(
  tx: Repositories,
  asker: Asker,
  input: EditInput,
  policy: AskPolicy,
): Promise<Stored> {
  const { clientId, conversationId, messageId } = { ...input, clientId: input.client_id };
  const admission = await admit(tx, asker, { clientId, conversationId }, policy.pendingPerUser);
  const conversation = writable(admission.conversation);
  const request = requestOf(input);
  if (admission.repeated) return repeat(tx, asker.userId, clientId, request, conversation.id);
  const target = await messageOf(tx, conversationId, messageId);
  if (target.role === 'system') throw conflict();
  const edit = { tx, asker, input, target, policy, conversation };
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
  policy: AskPolicy;
  conversation: Stored['conversation'];
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
  const moved = { active_message_id: message.id, updated_at: updatedAt, last_message_at: at };
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
  const { tx, asker, input, target, policy, conversation } = edit;
  const answers = await tx.tree.lockAnswers(conversation.id, target.id);
  const isNew = ({ status, hasText }: LockedAnswer) => status === 'queued' && !hasText;
  const waits = answers.length > 0 && answers.every(isNew);
  if (waits && input.answer !== false) return replace(edit, answers);
  return storeMessage(tx, asker, policy, {
    conversation,
    parentId: target.parent_id,
    content: input.content,
    clientId: input.client_id,
    model: input.model,
    answer: input.answer,
  });
}

async function replace(
  { tx, input, target, conversation }: Edit,
  answers: readonly Message[],
): Promise<Stored> {
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
