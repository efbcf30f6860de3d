/** Letters of Chinese, Japanese and Korean, and their punctuation. */
const CJK =
  /[\u1100-\u11ff\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\ud840-\ud88f]/;
const LOW_SURROGATE = /[\udc00-\udfff]/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const RUN = /\*+|~~+/g;
/** Ends of addresses, which have no spaces after them in Chinese texts. */
const PUNCTUATION_AFTER_URL =
  /[\u2018-\u201f\u2026\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;

/**
 * The text in which Markdown looks for the ends of emphasis. CommonMark decides by spaces and punctuation, and Chinese
 * texts have no spaces: in `。**注意：**这里` neither side could open or close. So punctuation beside a run counts as a
 * letter if it is CJK, or if the character on the other side of the run is.
 */
export function withLetters(masked: string): string {
  if (!CJK.test(masked)) return masked;
  const units = [...masked.split('')];
  for (const { index, 0: run } of masked.matchAll(RUN)) {
    const before = masked.charAt(index - 1);
    const after = masked.charAt(index + run.length);
    if (isLetterLike(before, after)) units[index - 1] = 'a';
    if (isLetterLike(after, before)) units[index + run.length] = 'a';
  }
  return units.join('');
}

function isLetterLike(character: string, other: string): boolean {
  if (character === '*' || character === '_' || character === '~') return false;
  if (!PUNCTUATION.test(character)) return false;
  return CJK.test(character) || CJK.test(other) || LOW_SURROGATE.test(other);
}

/** Returns the character before an opening run if it decides. None: the run may open. */
export function beforeRun(src: string, before: string): string {
  const after = src.charAt(/^[*~]+/.exec(src)?.[0].length ?? 0);
  return CJK.test(before) || CJK.test(after) ? '' : before;
}

/** The length of an address that was written without a space after it. */
export function urlLength(address: string): number {
  const end = address.search(PUNCTUATION_AFTER_URL);
  return end < 0 ? address.length : end;
}
