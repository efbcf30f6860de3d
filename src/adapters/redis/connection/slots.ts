import { Command } from 'ioredis';

/** Every slot of a Cluster has a number below this. */
const TAGS = 110_000;

export const slotOf = (key: string): number => Number(new Command('get', [key]).getSlot());

/** The smallest number that has such a slot, as a hash tag. @throws Error if no slot is */
export function tagOf(isSuch: (slot: number) => boolean): string {
  for (let number = 0; number < TAGS; number += 1) {
    const tag = String(number);
    if (isSuch(slotOf(tag))) return tag;
  }
  throw new Error('a master of the Cluster has no slots');
}
