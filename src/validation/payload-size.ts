import { LIMITS } from '../contract/limits.js';

export interface MostValues {
  values: number;
  depth: number;
}

const MODEST: MostValues = { values: LIMITS.payloadValues, depth: LIMITS.payloadDepth };

/**
 * Whether a value has few enough keys and entries, and is flat enough, to be validated. The check stops at the limit,
 * whatever the value. The number of bytes does not tell the cost of validation.
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

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** Longer strings are searched by the runtime, which is five times as fast. */
const SHORT = 64;

/** The end of a JSON string whose opening quote is at `from`. */
function endOfString(text: Uint8Array, from: number): number {
  for (let at = from + 1; ; ) {
    const near = Math.min(at + SHORT, text.length);
    while (at < near && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
    if (at >= text.length || text[at] === QUOTE) return at;
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0) return text.length;
    if (slashesBefore(text, quote, at) % 2 === 0) return quote;
    at = quote + 1;
  }
}

function slashesBefore(text: Uint8Array, quote: number, from: number): number {
  let first = quote;
  while (first > from && text[first - 1] === BACKSLASH) first -= 1;
  return quote - first;
}

/**
 * Whether JSON can be `isModest`, before it is parsed: parsing tens of thousands of keys costs a hundred times as
 * much as this check. Stops at the limit. Invalid JSON is left to the parser.
 */
export function mayBeModest(text: Uint8Array, most = MODEST): boolean {
  let [values, depth] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    // Reads the bytes as numbers: in a body of 20 MB every other way takes five times as long.
    switch (text[at]) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case COMMA:
        values += 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        // The first entry has no comma.
        if (!isClosing(text[at + 1])) values += 1;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
    }
    if (values > most.values || depth > most.depth) return false;
  }
  return true;
}

const isClosing = (byte: number | undefined): boolean =>
  byte === CLOSE_LIST || byte === CLOSE_OBJECT;
