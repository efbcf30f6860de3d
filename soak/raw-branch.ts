import type { Conversation, Message, MessageRole } from '../src/contract/rest.js';

interface Known {
  id: number;
  parentId: number | null;
  role: MessageRole;
  content: string;
  finishReason: string | null;
  siblings: readonly number[];
}

/** The active branch of one conversation, as pages and events tell it. */
export class RawBranch {
  #known = new Map<number, Known>();
  #conversation: Pick<Conversation, 'active_message_id' | 'updated_at'> | null = null;

  put({ id, parent_id, role, content, finish_reason, sibling_ids }: Message): void {
    const rest = { role, content, finishReason: finish_reason, siblings: sibling_ids };
    this.#known.set(id, { id, parentId: parent_id, ...rest });
  }

  ended(id: number, finishReason: string | null): void {
    const known = this.#known.get(id);
    if (known) this.#known.set(id, { ...known, finishReason });
  }

  /** Copies arrive in any order. */
  update(conversation: Conversation): void {
    const known = this.#conversation?.updated_at ?? '';
    if (conversation.updated_at >= known) this.#conversation = conversation;
  }

  /** A page begins the branch anew. */
  replace(conversation: Conversation, page: readonly Message[]): void {
    this.#known.clear();
    for (const message of page) this.put(message);
    this.update(conversation);
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) this.#known.delete(id);
  }

  /** Whether the active leaf and everything above it is known. */
  get isWhole(): boolean {
    const activeId = this.#conversation?.active_message_id ?? null;
    return activeId === null || this.messages[0]?.parentId === null;
  }

  /** Oldest first, as far as it is known. */
  get messages(): readonly Known[] {
    const path: Known[] = [];
    let at = this.#known.get(this.#conversation?.active_message_id ?? 0);
    for (; at; at = this.#known.get(at.parentId ?? 0)) path.push(at);
    return path.reverse();
  }
}
