/**
 * Tells which users have a conversation open, on all nodes together.
 *
 * Order: readers end with the newest set. While changes cross, they may briefly see an older one.
 *
 * Delivery: a change reaches the readers of the live log as `presence:changed`, on nodes where a user is present. A
 * user who is alone gets no event. A missed change is repaired within a third of the TTL.
 *
 * Lifetime: the users of a dead node disappear within the TTL. Data that the store has lost are restored.
 *
 * Outage: while the store is away, only the users of this node count.
 */
export interface Presence {
  /**
   * Marks the user as present on this node until `leave`. Idempotent. Resolves when `present` includes other nodes'
   * users, or the store did not respond in time. Never rejects.
   */
  enter(conversationId: number, userId: number): Promise<void>;
  /** Idempotent. Resolves when other nodes may know. Never rejects. */
  leave(conversationId: number, userId: number): Promise<void>;
  /**
   * User ids, ascending and each once, as last reported to readers here. Ask only where a user is present: other
   * nodes need not know.
   */
  present(conversationId: number): readonly number[];
  /**
   * The same, asked of the store now, also where nobody is present on this node. During an outage, only users of this
   * node. Never rejects.
   */
  everywhere(conversationId: number): Promise<readonly number[]>;
}
