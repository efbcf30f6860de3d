import type { Spoken } from '../../contract/spoken.js';

export const NOTHING: Spoken = { text: '', reasoning: '' };

/** Compares the texts first, then the reasoning. The second one wins only if it is longer. */
export function longer(one: Spoken, other: Spoken): Spoken {
  const more = other.text.length - one.text.length;
  if (more !== 0) return more > 0 ? other : one;
  return other.reasoning.length > one.reasoning.length ? other : one;
}
