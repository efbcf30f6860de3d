const FIRST_MS = 3_000;
const MOST_MS = 3_600_000;
/** A delivery is given up after this time. */
export const GIVE_UP_MS = 86_400_000;

/** How long after this many failures, at least one, the next try begins: between half of the time and all of it. */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(FIRST_MS * 2 ** (failures - 1), MOST_MS);
  return longest * (0.5 + random() / 2);
}
