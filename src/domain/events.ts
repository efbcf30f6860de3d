import { EventEmitter } from 'node:events';
import type { MemberEvents } from '../contract/events.js';

export type MemberEvent = {
  [E in keyof MemberEvents]: { name: E; payload: MemberEvents[E] };
}[keyof MemberEvents];

interface DomainEventMap {
  /** For every device of one user. */
  member: [userId: number, event: MemberEvent];
}

/** What the domain tells whoever delivers it; it knows of no transport. */
export class DomainEvents extends EventEmitter<DomainEventMap> {}
