import type { Subscription } from './subscription.js';

/** Carries the rooms of users and sessions between nodes. `Adapter`: what the socket server is opened with. */
export interface SocketTransport<Adapter> {
  adapter: Adapter;
  /** Called after this node was cut off: what other nodes sent meanwhile is lost. */
  onReconnected(listener: () => void): Subscription;
}
