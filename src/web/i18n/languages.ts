import { en, type Texts } from './en.js';
import { zh } from './zh.js';

export type Language = 'en' | 'zh-CN';

export const LANGUAGES: Record<Language, Texts> = { en, 'zh-CN': zh };

export const isLanguage = (value: unknown): value is Language =>
  value === 'en' || value === 'zh-CN';

/** The first preferred language that is available, otherwise English. */
export function pickLanguage(wishes: readonly string[]): Language {
  const met = wishes.map((wish) => wish.toLowerCase()).find((wish) => /^(zh|en)\b/.test(wish));
  return met?.startsWith('zh') ? 'zh-CN' : 'en';
}
