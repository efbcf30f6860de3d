import type { Permission } from '../../contract/permissions.js';
import type { Repositories } from '../../ports/repositories/repositories.js';
import type { Actor } from './actor.js';
import { holdRight } from './held-right.js';

/**
 * Call it inside a transaction, when it is the actor's turn. Returns the actor with their current permissions, which
 * hold until the transaction ends. Operators at the command line have no session.
 * @throws like `holdRight`
 */
export async function holdActor<A extends Actor>(
  tx: Pick<Repositories, 'sessions'>,
  actor: A,
  permission: Permission | null,
): Promise<A> {
  const { userId, sessionId } = actor;
  if (userId === null || sessionId === null) return actor;
  return { ...actor, permissions: await holdRight(tx, { userId, sessionId }, permission) };
}

/** The same for users who change their own account, one change at a time. */
export async function holdOwner<A extends Actor & { userId: number }>(
  tx: Pick<Repositories, 'sessions' | 'users'>,
  actor: A,
): Promise<A> {
  await tx.users.holdCredentials(actor.userId);
  return holdActor(tx, actor, null);
}
