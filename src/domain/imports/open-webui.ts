import type { NoteReason } from '../../contract/imports.js';
import type { Draft, DraftNode } from './draft.js';
import {
  idOf,
  isObject,
  type Loose,
  listOf,
  numberOf,
  objectOf,
  roleOf,
  textOf,
  timeOf,
  wordOf,
} from './loose.js';
import { contentOf } from './open-webui-content.js';

export const isOpenWebUi = (value: Loose): boolean =>
  isObject(value.chat) &&
  (isObject(objectOf(value.chat.history).messages) || Array.isArray(value.chat.messages));

function nodeOf(id: string, message: Loose, notes: Set<NoteReason>): DraftNode {
  const role = roleOf(message.role);
  return {
    id,
    parent: idOf(message.parentId),
    role,
    ...contentOf(message, notes),
    model: role === 'assistant' ? wordOf(message.model) : null,
    at: timeOf(message.timestamp),
  };
}

function ranked(messages: Loose, notes: Set<NoteReason>): DraftNode[] {
  const ranks = new Map<string, number>();
  for (const message of Object.values(messages)) {
    for (const [rank, child] of listOf(objectOf(message).childrenIds).entries()) {
      ranks.set(idOf(child) ?? '', rank);
    }
  }
  return Object.entries(messages).map(([id, message]) => ({
    ...nodeOf(id, objectOf(message), notes),
    rank: ranks.get(id) ?? Number.MAX_SAFE_INTEGER,
  }));
}

/** Very old chats have only a list, in which each message follows the one before. */
function linear(messages: unknown[], notes: Set<NoteReason>): DraftNode[] {
  return messages.map((value, position) => ({
    ...nodeOf(`at ${position}`, objectOf(value), notes),
    parent: position === 0 ? null : `at ${position - 1}`,
  }));
}

/** An entry of an export. The tree wins over the list, because only the tree has all branches. */
export function openWebUiDraft(value: Loose): Draft {
  const notes = new Set<NoteReason>();
  const chat = objectOf(value.chat);
  const history = objectOf(chat.history);
  const params = objectOf(chat.params);
  const messages = objectOf(history.messages);
  const hasTree = Object.keys(messages).length > 0;
  return {
    source: 'open-webui',
    id: idOf(value.id) ?? idOf(chat.id),
    title: textOf(value.title) || textOf(chat.title),
    createdAt: timeOf(value.created_at) ?? timeOf(chat.timestamp),
    updatedAt: timeOf(value.updated_at),
    model: wordOf(listOf(chat.models)[0]),
    systemPrompt: wordOf(chat.system) ?? wordOf(params.system),
    temperature: numberOf(params.temperature),
    maxTokens: numberOf(params.max_tokens),
    pinned: value.pinned === true,
    archived: value.archived === true,
    nodes: hasTree ? ranked(messages, notes) : linear(listOf(chat.messages), notes),
    active: hasTree ? (idOf(history.currentId) ?? idOf(value.current_message_id)) : null,
    mergesAnswers: false,
    ownId: null,
    notes,
  };
}
