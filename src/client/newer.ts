import type { Conversation } from '../contract/rest.js';

/** Replies and events arrive in any order. Of two with the same time the last to arrive counts. */
export const newer = (known: Conversation | null | undefined, fresh: Conversation): Conversation =>
  known && known.updated_at > fresh.updated_at ? known : fresh;
