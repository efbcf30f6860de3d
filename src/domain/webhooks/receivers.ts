import type { Presence } from '../../ports/presence.js';
import type { Notification } from '../../ports/repositories/outbox-repository.js';
import { mentionedIn } from '../conversations/asks/mention.js';

interface Member {
  userId: number;
  username: string;
}

/**
 * Chooses who is told of an ended answer: the person who asked, and those whom the question names. Nobody is told who
 * has the conversation open on any device. While the nodes cannot hear each other, only devices of this node count:
 * rather a notification too many than none.
 */
export async function chooseReceivers<M extends Member>(
  { userId, conversationId }: Pick<Notification, 'userId' | 'conversationId'>,
  question: string,
  members: readonly M[],
  presence: Pick<Presence, 'everywhere'>,
): Promise<M[]> {
  const isNamed = mentionedIn(question);
  const told = members.filter((member) => member.userId === userId || isNamed(member.username));
  if (told.length === 0) return [];
  const looking = new Set(await presence.everywhere(conversationId));
  return told.filter((member) => !looking.has(member.userId));
}
