const isOne = (text: string): boolean => [...text].length === 1;

/** The letter in both cases; sigma has two small forms. */
function casesOf(letter: string): string[] {
  const small = letter.toLowerCase();
  const cases = [letter, small, letter.toUpperCase(), small.toUpperCase()].filter(isOne);
  if (cases.includes('Σ')) cases.push('σ', 'ς');
  return [...new Set(cases)];
}

const escaped = (letter: string): string =>
  `\\U${(letter.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;

const alike = (text: string): string =>
  [...text].map((letter) => `[${casesOf(letter).map(escaped).join('')}]`).join('');

/**
 * A regular expression of Postgres for text that contains `q` without regard to case, composed or decomposed. It says
 * itself which letters are alike, so that no locale decides, and has no repetitions: a match takes time in proportion
 * to the text, where ILIKE takes the product of both lengths.
 */
export function searchPattern(q: string): string {
  const forms = new Set([q.normalize('NFC'), q.normalize('NFD'), q]);
  return [...forms].map(alike).join('|');
}
