import type { Texts } from './en.js';

export type Language = 'en' | 'zh-CN';

/** The texts of a language are a chunk of their own. */
export const loadTexts = async (language: Language): Promise<Texts> =>
  language === 'en' ? (await import('./en.js')).en : (await import('./zh.js')).zh;
