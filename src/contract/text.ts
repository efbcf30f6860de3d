/** Text that looks the same is the same: composed (NFC), as keyboards of most systems write it. */
export const composed = (text: string): string => text.normalize('NFC');

/** Postgres cannot store U+0000, and UTF-8 no lone surrogate. */
export const isStorable = (text: string): boolean =>
  !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);

/** Blanks, controls, and what fonts draw nothing for: joiners, marks of direction, soft hyphens, fillers, placeholders. */
const UNSEEN = String.raw`\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13430}-\u{13455}`;

/** A mark alone combines with nothing. */
const SEEN = new RegExp(`[^${UNSEEN}\\p{M}]`, 'u');

/** Whether people see anything of it. */
export const isVisible = (text: string): boolean => SEEN.test(text);

const HIDDEN = new RegExp(`[${UNSEEN}\\p{C}\\p{Z}]`, 'u');

/** Whether it has something that people cannot see; the blank is seen between other characters. */
export const hasHidden = (text: string): boolean => HIDDEN.test(text.replaceAll(' ', ''));

const HIDDEN_LETTERS = new RegExp(`(?![\\t-\\r\\p{Z}])[${UNSEEN}]`, 'gu');

const withoutHidden = (text: string): string => text.replace(HIDDEN_LETTERS, '');

/** Whether people see nothing of this character, and no gap either. */
export const isHidden = (letter: string): boolean => withoutHidden(letter) === '';

/** What is searched for: composed, without what people cannot see, and without blanks at its ends. */
export const searchable = (text: string): string =>
  composed(withoutHidden(text).replace(/\s+/gu, ' ').trim());

const LEADING = new RegExp(`^[${UNSEEN}]+`, 'u');

/** From the first character on that people see. */
export const withoutLeadingBlanks = (text: string): string => text.replace(LEADING, '');

/** Blanks of other widths are typed without notice. */
const BLANKS = /\p{Zs}/gu;

/** The form of a password that is hashed (RFC 8265, OpaqueString). */
export const opaque = (password: string): string => composed(password).replace(BLANKS, ' ');

/** A domain in the letters of its language and in its ASCII form (IDNA) is one domain: the latter is kept. */
export function asciiDomain(email: string): string {
  const [, local, domain] = /^(.*)@([^@]*)$/su.exec(email) ?? [];
  if (local === undefined || domain === undefined || !/[^\p{ASCII}]/u.test(domain)) return email;
  const { hostname } = URL.canParse(`http://${domain}`)
    ? new URL(`http://${domain}`)
    : { hostname: '' };
  return hostname && !/[/?#:\\]/.test(domain) ? `${local}@${hostname}` : email;
}
