/**
 * The form in which addresses and names are compared, as the database's `identity_key` has it: texts that are equal
 * there are equal here. For what is counted or compared without the database.
 */
export const identityKey = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').replace(/ +/g, ' ').normalize('NFKC');
