/** A dotted letter, marks that may stand in between, and a combining dot, which some languages write separately. */
const DOTS =
  /([ijɉɨʝϳіјᶖ𝼚][\u0316-\u0319\u031b-\u033c\u0347-\u0349\u034d-\u034e\u0353-\u0356\u0359-\u035a]*)\u0307+/gu;

/** Some letters are equal only as capitals: ß and ss, ı and i, the forms of sigma. */
const folded = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/**
 * The form in which addresses and names are compared, identical to the database's `identity_key`. For counting and
 * comparing without the database.
 */
export const identityKey = (text: string): string =>
  folded(text.normalize('NFKD'))
    .normalize('NFKD')
    .replace(DOTS, '$1')
    .replace(/ +/g, ' ')
    .normalize('NFKC');
