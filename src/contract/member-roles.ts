import type { MemberRole } from './rest.js';

/** Each role has the rights of the roles before it, too. */
const RANKS: readonly MemberRole[] = ['viewer', 'editor', 'owner'];

export const hasRole = (role: MemberRole, needed: MemberRole): boolean =>
  RANKS.indexOf(role) >= RANKS.indexOf(needed);

/** Whether this member may send messages and change the conversation. */
export const mayWrite = (role: MemberRole): boolean => hasRole(role, 'editor');

/** Whether this member may delete the conversation. */
export const mayDelete = (role: MemberRole): boolean => hasRole(role, 'owner');
