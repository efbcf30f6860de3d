import { type Held, isFinal } from './book.js';
import type { Deed, How } from './deeds.js';
import type { Random } from './random.js';

const KINDS = [
  [3, 'edit'],
  [3, 'regenerate'],
  [4, 'continue'],
  [2, 'select'],
  [1.5, 'delete'],
] as const;

/** How a question is sent into a conversation that exists. */
const HOW = [
  [8, undefined],
  [1, 'interrupt'],
  [1, 'note'],
] as const;

export const chooseHow = (random: Random): How | undefined => random.weighted(HOW);

/** Some edits change an answer, which is then asked to nobody. */
const EDITS_ANSWER = 0.2;

/** Kinds that are drawn before a plain question is asked instead. */
const DRAWS = 4;

/**
 * A deed that changes what a device shows. `content` is its text, if it needs one. Null if none of the drawn kinds
 * applies to anything on the branch.
 */
export function chooseDeed(
  random: Random,
  content: string,
  conversationId: number,
  branch: readonly Held[],
): Deed | null {
  for (let draw = 1; draw <= DRAWS; draw += 1) {
    const kind = random.weighted(KINDS);
    const messageId = targetFor(kind, random, branch);
    if (messageId === undefined) continue;
    const base = { conversationId, messageId };
    return kind === 'edit' ? { kind, ...base, content } : { kind, ...base };
  }
  return null;
}

function targetFor(
  kind: (typeof KINDS)[number][1],
  random: Random,
  branch: readonly Held[],
): number | undefined {
  const answers = branch.filter(({ role }) => role === 'assistant');
  const questions = branch.filter(({ role }) => role === 'user');
  const isAnswers = random.chance(EDITS_ANSWER);
  switch (kind) {
    case 'edit':
      return late(random, isAnswers ? answers : questions);
    case 'regenerate':
      return late(random, answers);
    case 'continue':
      return late(random, answers.filter(mayGoOn));
    case 'select':
      return late(random, elsewhere(branch));
    case 'delete':
      return late(random, branch);
  }
}

/** Running answers are stopped first. */
const mayGoOn = ({ status, finishReason }: Held): boolean =>
  !isFinal(status) ||
  status === 'stopped' ||
  status === 'interrupted' ||
  (status === 'completed' && finishReason === 'length');

const elsewhere = (branch: readonly Held[]): { id: number }[] =>
  branch.flatMap(({ id, siblings }) =>
    siblings.filter((sibling) => sibling !== id).map((sibling) => ({ id: sibling })),
  );

/** Prefers one of the last: an early one would take most of the conversation along. */
function late(random: Random, list: readonly { id: number }[]): number | undefined {
  const fromEnd = Math.floor(random.next() ** 2 * list.length);
  return list[list.length - 1 - fromEnd]?.id;
}
