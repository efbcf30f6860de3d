import { LIMITS } from '../../contract/limits.js';
import type { MessageError, MessageStatus, Usage } from '../../contract/rest.js';
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

/** An entry of an account's export, or the export of one conversation. */
export const isParley = (value: Loose): boolean =>
  typeof value.id === 'number' && 'active_message_id' in value && Array.isArray(value.messages);

/** An answer that ran when it was exported continues elsewhere: its text is not in the file. */
const STATUSES: ReadonlyMap<unknown, MessageStatus> = new Map([
  ['completed', 'completed'],
  ['stopped', 'stopped'],
  ['interrupted', 'interrupted'],
  ['failed', 'failed'],
  ['queued', 'interrupted'],
  ['streaming', 'interrupted'],
]);

/** The cost of an answer was paid elsewhere. */
function usageOf(value: unknown): Usage | null {
  const usage = objectOf(value);
  const count = (key: string) =>
    Math.min(LIMITS.id, Math.max(0, Math.trunc(numberOf(usage[key]) ?? 0)));
  if (numberOf(usage.total_tokens) === null) return null;
  return {
    prompt_tokens: count('prompt_tokens'),
    completion_tokens: count('completion_tokens'),
    total_tokens: count('total_tokens'),
    cached_tokens: count('cached_tokens'),
    reasoning_tokens: count('reasoning_tokens'),
    estimated: usage.estimated === true,
    cost: null,
  };
}

function errorOf(value: unknown): MessageError | null {
  const { code, message } = objectOf(value);
  return wordOf(code) === null ? null : { code: textOf(code), message: textOf(message) };
}

function nodeOf(message: Loose, owner: string | null): DraftNode {
  const role = roleOf(message.role);
  return {
    id: idOf(message.id) ?? '',
    parent: idOf(message.parent_id),
    role,
    text: textOf(message.content),
    reasoning: textOf(message.reasoning),
    model: wordOf(message.model),
    at: timeOf(message.created_at),
    own: {
      status: role === 'assistant' ? (STATUSES.get(message.status) ?? 'completed') : 'completed',
      finishReason: wordOf(message.finish_reason),
      usage: usageOf(message.usage),
      error: errorOf(message.error),
      completedAt: timeOf(message.completed_at),
      isAuthor: owner === null || message.author === owner,
    },
  };
}

/** `head` has the fields beside the conversations of an account's export. */
export function parleyDraft(value: Loose, head: Loose): Draft {
  const owner = wordOf(value.exported_by) ?? wordOf(objectOf(head.account).username);
  const id = numberOf(value.id);
  return {
    source: 'parley',
    id: `${id} ${textOf(value.created_at)}`,
    title: textOf(value.title),
    createdAt: timeOf(value.created_at),
    updatedAt: timeOf(value.updated_at),
    model: wordOf(value.model),
    systemPrompt: typeof value.system_prompt === 'string' ? value.system_prompt : null,
    temperature: numberOf(value.temperature),
    maxTokens: numberOf(value.max_tokens),
    pinned: value.pinned === true,
    archived: value.archived === true,
    nodes: listOf(value.messages)
      .filter(isObject)
      .map((message) => nodeOf(message, owner)),
    active: idOf(value.active_message_id),
    mergesAnswers: false,
    ownId: id,
    notes: new Set(),
  };
}
