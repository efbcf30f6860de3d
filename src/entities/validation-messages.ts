import type { FieldError } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import { findingsEn } from '../contract/said/findings-en.js';
import { findingsZh } from '../contract/said/findings-zh.js';
import { fillTemplate } from '../contract/said/template.js';

type Templates = Readonly<Record<string, string>>;

/** joi templates by language. Both have every code that the schemas can raise. */
export const VALIDATION_MESSAGES: Readonly<Record<Language, Templates>> = {
  en: findingsEn,
  zh: findingsZh,
};

/** A finding of a check after the schemas, before it is put in words. */
export interface Finding {
  path: string;
  /** One of the templates. */
  code: string;
  values?: Readonly<Record<string, string | number>>;
}

/** Puts a finding into words as joi does. */
export function wordFinding({ path, code, values }: Finding, language: Language): FieldError {
  const template = VALIDATION_MESSAGES[language][code] ?? code;
  const message = fillTemplate(template, { ...values, label: path });
  return { path, message, rule: code, ...(values && { values }) };
}
