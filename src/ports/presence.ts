/**
 * Which users have a conversation open, on all nodes together.
 *
 * Order: readers end with the newest set; while changes cross each other they may see an older one in between.
 * Delivery: a change reaches the readers of the live log, on nodes where a user is present, as `presence:changed`; who is
 * alone is told nothing. A change that was missed is made up for within a third of the TTL.
 * Lifetime: the users of a node that died are gone within the TTL. What the store has lost comes back by itself.
 * Outage: while the store is away, the users of this node count alone.
 */
export interface Presence {
  /** Present on this node until `leave`; idempotent. Resolves when `present` knows the other nodes' users too, or the store did not answer in time. Never rejects. */
  enter(conversationId: number, userId: number): Promise<void>;
  /** Idempotent. Resolves when other nodes may know; never rejects. */
  leave(conversationId: number, userId: number): Promise<void>;
  /** Ascending and each once, as the readers here were last told. Ask where a user is present: others need not know. */
  present(conversationId: number): readonly number[];
}
