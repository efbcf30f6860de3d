import type { NoteReason, SkipReason } from '../../contract/imports.js';
import { LIMITS } from '../../contract/limits.js';
import type { MessageError } from '../../contract/rest.js';
import { startOf, storable } from '../../contract/text.js';
import type {
  ImportedConversation,
  ImportedMessage,
} from '../../ports/repositories/import-repository.js';
import { arrange, keep, mergeAnswers, newestLeaf } from './arrange.js';
import { cleanName, cleanTitle, titleFrom } from './clean.js';
import type { Draft, DraftNode } from './draft.js';

export interface Finished {
  conversation: Omit<ImportedConversation, 'key'>;
  notes: Set<NoteReason>;
}

/**
 * Merging repeats the common parts of several answers. The lengths are known before the texts take memory: a text is
 * put together when it is first read.
 */
const MOST_CHARS = 64 * 1_048_576;
/** No error code of this product is nearly as long. */
const MOST_CODE_CHARS = 64;
const MOST_ERROR_CHARS = 1_000;

const charsOf = ({ text, reasoning }: DraftNode): number => text.length + reasoning.length;
const isShown = ({ text, own }: DraftNode): boolean => own !== undefined || text.trim() !== '';

/** The part of a draft that readers see, within the limits of this product; or the reason why there is none. */
export function finish(draft: Draft, now: number): Finished | SkipReason {
  const visible = keep(arrange(draft.nodes), ({ role }) => role !== null);
  const merged = draft.mergesAnswers ? mergeAnswers(visible.nodes) : visible.nodes;
  if (merged.reduce((sum, node) => sum + charsOf(node), 0) > MOST_CHARS) return 'too_large';
  const shown = keep(merged, isShown);
  const { nodes } = shown;
  if (nodes.length === 0) return 'empty';
  if (nodes.length > LIMITS.importedMessages) return 'too_many_messages';

  const kept = draft.active === null ? null : visible.nearest.get(draft.active);
  // Messages that were merged into the answers below are shown with the newest of them.
  const leaf = kept ? shown.nearest.get(newestLeaf(visible.nodes, kept)) : null;
  const active = newestLeaf(nodes, leaf ?? nodes.at(-1)?.id ?? '');
  return new Finishing(draft, now).finish(nodes, active);
}

const shortError = ({ code, message }: MessageError): MessageError => ({
  code: storable(startOf(code, MOST_CODE_CHARS)),
  message: storable(startOf(message, MOST_ERROR_CHARS)),
});

const within = (value: number | null, min: number, max: number): number | null =>
  value !== null && value >= min && value <= max ? value : null;

class Finishing {
  #draft: Draft;
  #now: number;
  #notes: Set<NoteReason>;

  constructor(draft: Draft, now: number) {
    this.#draft = draft;
    this.#now = now;
    this.#notes = new Set(draft.notes);
  }

  finish(nodes: readonly DraftNode[], active: string): Finished {
    const { title, model, temperature, maxTokens, pinned, archived } = this.#draft;
    const { createdAt, updatedAt } = this.#draft;
    const first = nodes.find(({ at }) => at !== null)?.at ?? null;
    const began = this.#past(createdAt, this.#past(first, this.#now));
    const { messages, positions } = this.#messages(nodes, began);
    const last = messages.reduce((time, message) => Math.max(time, message.createdAt.getTime()), 0);
    const question = nodes.find(({ role }) => role === 'user')?.text ?? '';
    const conversation = {
      title: cleanTitle(title) || titleFrom(question),
      model: cleanName(model, LIMITS.modelChars),
      systemPrompt: this.#systemPrompt(),
      temperature: within(temperature, 0, 2),
      maxTokens: Number.isInteger(maxTokens) ? within(maxTokens, 1, LIMITS.maxTokens) : null,
      pinned,
      archived,
      createdAt: new Date(began),
      updatedAt: new Date(this.#past(updatedAt, last)),
      lastMessageAt: new Date(last),
      messages,
      active: positions.get(active) ?? messages.length - 1,
    };
    return { conversation, notes: this.#notes };
  }

  /** A later time would keep a conversation at the head of the list for ever. */
  #past(time: number | null, otherwise: number): number {
    return time !== null && time >= 0 ? Math.min(time, this.#now) : otherwise;
  }

  #systemPrompt(): string | null {
    const { systemPrompt } = this.#draft;
    return systemPrompt === null ? null : this.#within(systemPrompt, LIMITS.systemPromptChars);
  }

  #within(text: string, max: number): string {
    if (text.length > max) this.#notes.add('text_cut');
    return storable(startOf(text, max));
  }

  #messages(nodes: readonly DraftNode[], began: number) {
    const positions = new Map<string, number>();
    const messages: ImportedMessage[] = [];
    for (const node of nodes) {
      const parent = node.parent === null ? null : (positions.get(node.parent) ?? null);
      const above = parent === null ? undefined : messages[parent];
      const at = this.#past(node.at, above?.createdAt.getTime() ?? began);
      positions.set(node.id, messages.length);
      messages.push(this.#message(node, parent, new Date(at)));
    }
    return { messages, positions };
  }

  #message(node: DraftNode, parent: number | null, createdAt: Date): ImportedMessage {
    const { role, text, reasoning, model, own } = node;
    const max = role === 'assistant' ? LIMITS.answerChars : LIMITS.messageChars;
    const completedAt = own ? own.completedAt : createdAt.getTime();
    return {
      parent,
      role: role ?? 'system',
      isAuthor: role === 'user' && (own?.isAuthor ?? true),
      status: own?.status ?? 'completed',
      content: this.#within(text, max),
      reasoning: role === 'assistant' && reasoning !== '' ? this.#within(reasoning, max) : null,
      model: cleanName(model, LIMITS.modelChars),
      finishReason: cleanName(own?.finishReason ?? null, LIMITS.modelChars),
      usage: own?.usage ?? null,
      error: own?.error ? shortError(own.error) : null,
      createdAt,
      completedAt:
        completedAt === null ? null : new Date(this.#past(completedAt, createdAt.getTime())),
    };
  }
}
