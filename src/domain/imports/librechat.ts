import type { NoteReason } from '../../contract/imports.js';
import type { Draft, DraftNode } from './draft.js';
import { idOf, type Loose, listOf, numberOf, objectOf, textOf, timeOf, wordOf } from './loose.js';

export const isLibreChat = (value: Loose): boolean =>
  typeof value.conversationId === 'string' &&
  (Array.isArray(value.messages) || Array.isArray(value.messagesTree));

/** The parent of a root. */
const NO_PARENT = '00000000-0000-0000-0000-000000000000';

interface Placed {
  id: string;
  message: Loose;
  /** Nested files tell it; undefined in a flat one. */
  above: string | null | undefined;
}

/**
 * Reads a nested or flat list, in the order of the file: parents come first. It uses a stack, because trees may be
 * deep.
 */
function walk(roots: unknown[]): Placed[] {
  const placed: Placed[] = [];
  const waiting: { value: unknown; above: string | null | undefined }[] = roots
    .map((value) => ({ value, above: undefined }))
    .reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const message = objectOf(next.value);
    const id = idOf(message.messageId) ?? `at ${placed.length}`;
    placed.push({ id, message, above: next.above });
    for (const value of listOf(message.children).reverse()) waiting.push({ value, above: id });
  }
  return placed;
}

/** `content` counts before `text`, which agents leave empty. */
function contentOf(message: Loose, notes: Set<NoteReason>): Pick<DraftNode, 'text' | 'reasoning'> {
  const texts: string[] = [];
  const thoughts: string[] = [];
  for (const part of listOf(message.content).map(objectOf)) {
    if (part.type === 'text') texts.push(textOf(part.text) || textOf(objectOf(part.text).value));
    else if (part.type === 'think') thoughts.push(textOf(part.think));
    else if (part.type === 'image_file' || part.type === 'image_url') {
      texts.push('[image]');
      notes.add('files_left_out');
    }
  }
  if (listOf(message.files).length > 0) notes.add('files_left_out');
  const text = texts.filter((piece) => piece !== '').join('\n\n');
  return { text: text || textOf(message.text), reasoning: thoughts.join('\n\n') };
}

function nodeOf({ id, message, above }: Placed, notes: Set<NoteReason>): DraftNode {
  const parent = above === undefined ? idOf(message.parentMessageId) : above;
  const isQuestion = message.isCreatedByUser === true;
  const isAnswer = message.error !== true;
  const role = isQuestion ? 'user' : 'assistant';
  return {
    id,
    parent: parent === NO_PARENT ? null : parent,
    role: isQuestion || isAnswer ? role : null,
    ...contentOf(message, notes),
    model: isQuestion ? null : wordOf(message.model),
    at: timeOf(message.createdAt),
  };
}

/** A file of one conversation. It does not tell when the conversation began, nor which branch was shown. */
export function libreChatDraft(value: Loose): Draft {
  const notes = new Set<NoteReason>();
  const options = objectOf(value.options);
  const roots = [...listOf(value.messages), ...listOf(value.messagesTree)];
  const nodes = walk(roots).map((placed) => nodeOf(placed, notes));
  return {
    source: 'librechat',
    id: idOf(value.conversationId),
    title: textOf(value.title) || textOf(options.title),
    createdAt: null,
    updatedAt: null,
    model: wordOf(options.model),
    systemPrompt: wordOf(options.promptPrefix),
    temperature: numberOf(options.temperature),
    maxTokens: null,
    pinned: false,
    archived: false,
    nodes,
    active: null,
    mergesAnswers: false,
    ownId: null,
    notes,
  };
}
