import type { NoteReason } from '../../contract/imports.js';
import type { MessageRole } from '../../contract/rest.js';
import { contentOf, modelOf } from './chatgpt-content.js';
import type { Draft, DraftNode } from './draft.js';
import {
  idOf,
  isObject,
  type Loose,
  listOf,
  objectOf,
  roleOf,
  textOf,
  timeOf,
  wordOf,
} from './loose.js';

export const isChatGpt = (value: Loose): boolean => isObject(value.mapping);

/** Null where the page of that product shows nothing either. */
function shownRole(message: Loose): MessageRole | null {
  const metadata = objectOf(message.metadata);
  const isHidden =
    metadata.is_visually_hidden_from_conversation === true ||
    metadata.is_user_system_message === true;
  const isCall = typeof message.recipient === 'string' && message.recipient !== 'all';
  return isHidden || isCall ? null : roleOf(objectOf(message.author).role);
}

/** Reads the lists of children: each node's parent there, and its rank among its siblings. */
function positionsIn(mapping: Loose): Map<string, { parent: string; rank: number }> {
  const positions = new Map<string, { parent: string; rank: number }>();
  for (const [parent, node] of Object.entries(mapping)) {
    for (const [rank, child] of listOf(objectOf(node).children).entries()) {
      const id = idOf(child);
      if (id !== null && !positions.has(id)) positions.set(id, { parent, rank });
    }
  }
  return positions;
}

function nodesOf(mapping: Loose, model: string | null, notes: Set<NoteReason>): DraftNode[] {
  const positions = positionsIn(mapping);
  return Object.entries(mapping).map(([id, value]) => {
    const node = objectOf(value);
    const message = objectOf(node.message);
    const role = shownRole(message);
    const position = positions.get(id);
    return {
      id,
      parent: idOf(node.parent) ?? position?.parent ?? null,
      role,
      ...(role === null ? { text: '', reasoning: '' } : contentOf(message, notes)),
      model: role === 'assistant' ? (modelOf(message) ?? model) : null,
      at: timeOf(message.create_time),
      rank: position?.rank ?? Number.MAX_SAFE_INTEGER,
    };
  });
}

/** An entry of `conversations.json`. The order of `mapping` means nothing; the tree is in `parent` and `children`. */
export function chatGptDraft(value: Loose): Draft {
  const notes = new Set<NoteReason>();
  return {
    source: 'chatgpt',
    id: idOf(value.conversation_id) ?? idOf(value.id),
    title: textOf(value.title),
    createdAt: timeOf(value.create_time),
    updatedAt: timeOf(value.update_time),
    model: null,
    systemPrompt: null,
    temperature: null,
    maxTokens: null,
    pinned: value.is_starred === true,
    archived: value.is_archived === true,
    nodes: nodesOf(objectOf(value.mapping), wordOf(value.default_model_slug), notes),
    active: idOf(value.current_node),
    mergesAnswers: true,
    ownId: null,
    notes,
  };
}
