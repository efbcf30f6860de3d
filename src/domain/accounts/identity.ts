/** A letter with a dot, what may stand between both, and the dot: it is no part of the letter in every language. */
const DOTS =
  /([ijɉɨʝϳіјᶖ𝼚][\u0316-\u0319\u031b-\u033c\u0347-\u0349\u034d-\u034e\u0353-\u0356\u0359-\u035a]*)\u0307+/gu;

/** Some letters are alike only in capitals: ß and ss, ı and i, the forms of sigma. */
const folded = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/**
 * The form in which addresses and names are compared, letter for letter the database's `identity_key`. For what is
 * counted or compared without the database.
 */
export const identityKey = (text: string): string =>
  folded(text.normalize('NFKD'))
    .normalize('NFKD')
    .replace(DOTS, '$1')
    .replace(/ +/g, ' ')
    .normalize('NFKC');
