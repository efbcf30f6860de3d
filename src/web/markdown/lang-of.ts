const LOOKED_AT = 400;
const LETTERS = /\p{L}/gu;

/** Scripts that tell the language, and the share of letters that must be in them. */
const SCRIPTS: readonly [lang: string, letters: RegExp, share: number][] = [
  ['ja', /[\u3040-\u30ff]/g, 0.1],
  ['ko', /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]/g, 0.3],
  ['zh', /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/g, 0.3],
  ['fa', /[\u067e\u0686\u0698\u06a9\u06af\u06cc]/g, 0.08],
  ['ar', /[\u0600-\u06ff\u0750-\u077f]/g, 0.4],
  ['he', /[\u0590-\u05ff]/g, 0.4],
  ['th', /[\u0e00-\u0e7f]/g, 0.4],
  ['el', /[\u0370-\u03ff]/g, 0.5],
];
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;

/** The language of a text, if its script tells it. Many languages share their script with others. */
export function langOf(text: string): string | undefined {
  const start = text
    .slice(0, 4 * LOOKED_AT)
    .replace(CODE, '')
    .slice(0, LOOKED_AT);
  const letters = start.match(LETTERS)?.length ?? 0;
  const found = SCRIPTS.find(
    ([, script, share]) => (start.match(script)?.length ?? 0) > letters * share,
  );
  return letters === 0 ? undefined : found?.[0];
}
