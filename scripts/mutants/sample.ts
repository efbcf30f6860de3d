import { createHash } from 'node:crypto';
import type { Mutant } from './mutants.js';

const rankOf = (seed: string, { id }: Mutant) =>
  createHash('sha256').update(`${seed}\n${id}`).digest('hex');

/**
 * The seed decides, and nothing else: another mutant elsewhere does not change the places of the others. Each function
 * gives one mutant before any gives a second.
 */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: string): Mutant[] {
  const ranks = new Map(mutants.map((mutant) => [mutant, rankOf(seed, mutant)]));
  const rank = (mutant: Mutant) => ranks.get(mutant) ?? '';
  const sorted = mutants.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const turns = new Map<string, number>();
  const inTurns = sorted.map((mutant) => {
    const place = `${mutant.file}\n${mutant.within || mutant.declared?.name}`;
    const turn = turns.get(place) ?? 0;
    turns.set(place, turn + 1);
    return { mutant, turn };
  });
  return inTurns
    .toSorted((a, b) => a.turn - b.turn)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}
