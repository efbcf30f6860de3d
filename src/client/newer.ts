import type { Conversation } from '../contract/rest.js';

/** What was read and what was told come in any order; of two that are equally old, the one that came last counts. */
export const newer = (known: Conversation | null | undefined, fresh: Conversation): Conversation =>
  known && known.updated_at > fresh.updated_at ? known : fresh;
