import type { Subscription } from './subscription.js';

/**
 * Carries events for rooms of users and sessions between nodes. `Adapter` is the option with which the socket server is
 * opened.
 */
export interface SocketTransport<Adapter> {
  adapter: Adapter;
  /** Called after this node was cut off: events of other nodes in between are lost. */
  onReconnected(listener: () => void): Subscription;
}
