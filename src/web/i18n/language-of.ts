import type { Language } from './languages.js';

/** The chosen language, otherwise the first preferred one that is available, otherwise English. */
export const languageOf = (stored: string | null, wishes: readonly string[]): Language =>
  stored === 'en' || stored === 'zh-CN' ? stored : pickLanguage(wishes);

function pickLanguage(wishes: readonly string[]): Language {
  const met = wishes.map((wish) => wish.toLowerCase()).find((wish) => /^(zh|en)\b/.test(wish));
  return met?.startsWith('zh') ? 'zh-CN' : 'en';
}
