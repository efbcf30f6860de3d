import { hasRole } from '../../contract/member-roles.js';
import type { Conversation, MemberRole } from '../../contract/rest.js';
import { forbidden, notFound } from '../../entities/errors.js';

/**
 * The only guard of conversations, for REST and sockets. `role` is null for users who are not members.
 * @throws AppError `not_found` for strangers, from whom conversations are hidden; `forbidden` for members without the right
 */
export function requireRole(
  role: MemberRole | null,
  needed: MemberRole,
): asserts role is MemberRole {
  if (role === null) throw notFound();
  if (!hasRole(role, needed)) throw forbidden();
}

/** The same for a conversation that was read for this user. */
export function requireAccess(
  conversation: Conversation | null,
  needed: MemberRole,
): asserts conversation is Conversation {
  requireRole(conversation?.my_role ?? null, needed);
}
