import type { MemberEvent } from '../../domain/events.js';
import type { ListChange } from '../../ports/repositories/screen-repository.js';

/** More than any look needs. */
export const REMEMBERED_MS = 300_000;
const MOST = 50_000;

/** Events after which a list has another entry. */
export type ListEvent = Exclude<MemberEvent, { name: 'answer:changed' }>;

interface Told {
  /** The version of `ListChange`. */
  version: number | null;
  at: number;
}

const keyOf = (userId: number, conversationId: number) => `${userId} ${conversationId}`;

/** The latest versions of their users' lists that the sockets on this node were told. */
export class ToldLists {
  #told = new Map<string, Told>();

  see(userId: number, event: ListEvent): void {
    if (event.name === 'conversation:deleted') {
      this.#remember(keyOf(userId, event.payload.conversation_id), null);
      return;
    }
    const { id, updated_at } = event.payload.conversation;
    const key = keyOf(userId, id);
    // The conversation was deleted, and is now restored.
    if (event.name === 'conversation:created' && this.#told.get(key)?.version === null)
      this.#told.delete(key);
    this.#remember(key, Date.parse(updated_at));
  }

  /** The user's sockets are about to read their lists again, so this version counts as told. */
  settle({ userId, conversationId, version }: ListChange): void {
    this.#remember(keyOf(userId, conversationId), version);
  }

  /** Whether this version or a newer one was told. */
  has({ userId, conversationId, version }: ListChange): boolean {
    const told = this.#told.get(keyOf(userId, conversationId));
    if (!told) return false;
    if (told.version === null) return version === null;
    return version !== null && told.version >= version;
  }

  #remember(key: string, version: number | null): void {
    const now = performance.now();
    const before = this.#told.get(key);
    const isOlder = before && (before.version === null || before.version > (version ?? Infinity));
    this.#told.delete(key);
    this.#told.set(key, { version: isOlder ? before.version : version, at: now });
    this.#forget(now);
  }

  /** Entries are ordered by age, oldest first. */
  #forget(now: number): void {
    for (const [key, { at }] of this.#told) {
      if (this.#told.size <= MOST && now - at < REMEMBERED_MS) return;
      this.#told.delete(key);
    }
  }
}
