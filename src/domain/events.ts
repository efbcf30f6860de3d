import { EventEmitter } from 'node:events';
import type { MemberEvents } from '../contract/events.js';
import type { ImportReport } from '../contract/imports.js';

export type MemberEvent = {
  [E in keyof MemberEvents]: { name: E; payload: MemberEvents[E] };
}[keyof MemberEvents];

interface DomainEventMap {
  /** All devices of one user get these. */
  member: [userId: number, event: MemberEvent];
  /** All devices of one user are told how their import goes. */
  imported: [userId: number, report: ImportReport];
}

/** Events from the domain to whoever delivers them. The domain knows no transport. */
export class DomainEvents extends EventEmitter<DomainEventMap> {}
