/** An escape of a lower-case letter or of `_`. Usual writers of JSON escape neither, so it may be part of any name. */
export const ESCAPED_LETTER = /\\u00(?:5[fF]|6[1-9a-fA-F]|7[0-9aA])/;

/**
 * Returns the same JSON without needless escapes, so that its names can be looked for. A text that is not JSON stays as
 * it is.
 */
export function plainJson(json: string): string {
  if (!ESCAPED_LETTER.test(json)) return json;
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
