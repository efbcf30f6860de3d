/** The languages of texts for people. */
export type Language = 'en' | 'zh';

const LANGUAGE: Readonly<Record<string, Language>> = { en: 'en', zh: 'zh', '*': 'en' };

interface Choice {
  language: Language;
  quality: number;
}

/** The best supported language for an `Accept-Language` header (RFC 9110, 12.5.4); English if none fits. */
export function pickLanguage(acceptLanguage: string | undefined): Language {
  const choices = (acceptLanguage ?? '').split(',').flatMap(parseChoice);
  const best = choices.reduce<Choice>((a, b) => (b.quality > a.quality ? b : a), {
    language: 'en',
    quality: 0,
  });
  return best.language;
}

function parseChoice(range: string): Choice[] {
  const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const language = LANGUAGE[tag.split('-')[0] ?? ''];
  const quality = qualityOf(parameters.find((parameter) => parameter.startsWith('q=')));
  return language ? [{ language, quality }] : [];
}

function qualityOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const quality = Number(parameter.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
