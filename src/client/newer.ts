import type { Conversation } from '../contract/rest.js';

/** Replies and events arrive in any order. Of two equally old ones the last to arrive counts. */
export const newer = (known: Conversation | null | undefined, fresh: Conversation): Conversation =>
  known && known.updated_at > fresh.updated_at ? known : fresh;
