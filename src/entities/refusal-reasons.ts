import type { Language } from '../contract/language.js';
import { type RefusalReason, reasonsEn } from '../contract/said/reasons-en.js';
import { reasonsZh } from '../contract/said/reasons-zh.js';

export type { RefusalReason };

const REASONS = { en: reasonsEn, zh: reasonsZh } as const;

export const REFUSAL_REASONS = Object.keys(reasonsEn) as RefusalReason[];

/** The reason as a sentence. */
export const describeReason = (reason: RefusalReason, language: Language): string =>
  REASONS[language][reason];
