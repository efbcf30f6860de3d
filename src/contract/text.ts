/** Makes text that looks the same equal: composed (NFC), the form that most keyboards produce. */
export const composed = (text: string): string => text.normalize('NFC');

/** Postgres cannot store U+0000, and UTF-8 cannot encode a lone surrogate. */
export const isStorable = (text: string): boolean =>
  !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);

const REPLACEMENT = '\uFFFD';

/** The text with U+FFFD in place of what cannot be stored. */
export const storable = (text: string): string =>
  text.replaceAll('\0', REPLACEMENT).replace(/\p{Surrogate}/gu, REPLACEMENT);

/** Returns at most `max` UTF-16 code units from the beginning, without half a character at the end. */
export const startOf = (text: string, max: number): string =>
  text.length <= max ? text : text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');

/** Blanks, controls, and characters without a glyph: joiners, direction marks, soft hyphens, fillers, placeholders. */
const UNSEEN = String.raw`\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13430}-\u{13455}`;

/** A mark on its own combines with nothing. */
const SEEN = new RegExp(`[^${UNSEEN}\\p{M}]`, 'u');

/** Whether any of it is visible. */
export const isVisible = (text: string): boolean => SEEN.test(text);

const HIDDEN = new RegExp(`[${UNSEEN}\\p{C}\\p{Z}]`, 'u');

/** Whether it contains invisible characters. A blank between other characters is visible. */
export const hasHidden = (text: string): boolean => HIDDEN.test(text.replaceAll(' ', ''));

const HIDDEN_LETTERS = new RegExp(`(?![\\t-\\r\\p{Z}])[${UNSEEN}]`, 'gu');

const withoutHidden = (text: string): string => text.replace(HIDDEN_LETTERS, '');

/** Whether this character is invisible and leaves no gap. */
export const isHidden = (letter: string): boolean => withoutHidden(letter) === '';

/** The form of a search text: composed, without invisible characters, and without blanks at its ends. */
export const searchable = (text: string): string =>
  composed(withoutHidden(text).replace(/\s+/gu, ' ').trim());

const LEADING = new RegExp(`^[${UNSEEN}]+`, 'u');

/** The text from its first visible character on. */
export const withoutLeadingBlanks = (text: string): string => text.replace(LEADING, '');

/** People type blanks of other widths without noticing. */
const BLANKS = /\p{Zs}/gu;

/** The form of a password that is hashed (RFC 8265, OpaqueString). */
export const opaque = (password: string): string => composed(password).replace(BLANKS, ' ');

/** A domain in Unicode and its ASCII form (IDNA) are one domain; the latter is kept. */
export function asciiDomain(email: string): string {
  const [, local, domain] = /^(.*)@([^@]*)$/su.exec(email) ?? [];
  if (local === undefined || domain === undefined || !/[^\p{ASCII}]/u.test(domain)) return email;
  const { hostname } = URL.canParse(`http://${domain}`)
    ? new URL(`http://${domain}`)
    : { hostname: '' };
  return hostname && !/[/?#:\\]/.test(domain) ? `${local}@${hostname}` : email;
}
