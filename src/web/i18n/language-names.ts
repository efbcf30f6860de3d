import type { Language } from './languages.js';

/** Each language calls itself so. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', 'zh-CN': '中文' };
