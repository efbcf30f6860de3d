import type { ListState } from '../../../client/index.js';
import type { Conversation } from '../../../contract/rest.js';

const activity = ({ last_message_at, created_at }: Conversation): string =>
  last_message_at ?? created_at;

/**
 * Finds conversations that a list had and has no more. One that is older than the oldest read now may be on a later
 * page.
 */
export function vanished(before: readonly Conversation[], now: ListState): number[] {
  if (before === now.conversations) return [];
  const ids = new Set(now.conversations.map(({ id }) => id));
  const last = now.conversations.at(-1);
  const isBeyond = (item: Conversation) =>
    now.hasMore && last !== undefined && activity(item) <= activity(last);
  return before.filter((item) => !ids.has(item.id) && !isBeyond(item)).map(({ id }) => id);
}
