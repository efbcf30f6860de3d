import { LIMITS } from '../contract/limits.js';

/**
 * Whether a value has few enough keys and entries, and is flat enough, to be validated. The check stops at the limit,
 * whatever the value. The number of bytes does not tell what validation costs.
 */
export function isModest(value: unknown): boolean {
  let left: number = LIMITS.payloadValues;

  function fits(part: unknown, depth: number): boolean {
    if (typeof part !== 'object' || part === null) return true;
    if (depth > LIMITS.payloadDepth) return false;
    if (Array.isArray(part)) {
      left -= part.length;
      return left >= 0 && part.every((entry) => fits(entry, depth + 1));
    }
    if (ArrayBuffer.isView(part)) return true;
    for (const key in part) {
      left -= 1;
      if (left < 0 || !fits(Reflect.get(part, key), depth + 1)) return false;
    }
    return true;
  }

  return fits(value, 1);
}
