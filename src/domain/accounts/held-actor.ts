import type { Permission } from '../../contract/permissions.js';
import type { Repositories } from '../../ports/repositories.js';
import { holdRight } from '../sessions/held-right.js';
import type { Actor } from './actor.js';

/**
 * Inside a transaction, when the actor's turn has come: with what they may do now, which stays so to its end. Operators at
 * the command line have no session. @throws like `holdRight`
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

/** The same for what users do with their own account, which they do one at a time. */
export async function holdOwner<A extends Actor & { userId: number }>(
  tx: Pick<Repositories, 'sessions' | 'users'>,
  actor: A,
): Promise<A> {
  await tx.users.holdCredentials(actor.userId);
  return holdActor(tx, actor, null);
}
