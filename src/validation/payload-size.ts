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

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The end of a JSON string whose opening quote is at `from`. */
function endOfString(text: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at;
}

/**
 * Whether JSON can be `isModest`, before it is parsed: parsing tens of thousands of keys costs a hundred times as
 * much as this check. Stops at the limit. Invalid JSON is left to the parser.
 */
export function mayBeModest(text: Uint8Array): boolean {
  let [commas, depth] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === COMMA) commas += 1;
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (commas > LIMITS.payloadValues || depth > LIMITS.payloadDepth) return false;
  }
  return true;
}
