import { ParleyError } from '../../../client/parley-error.js';
import type { FieldError } from '../../../contract/errors.js';
import { fillTemplate } from '../../../contract/said/template.js';
import type { Texts } from '../../i18n/en.js';

/**
 * A sentence of the page, as a function of its texts. The function is kept, so that the sentence can change its
 * language.
 */
export type Said<T = Texts> = (texts: T) => string;

/** A refusal of the page's own. */
export class Told<T = Texts> extends Error {
  readonly say: Said<T>;

  constructor(say: Said<T>, cause?: unknown) {
    super('', { cause });
    this.say = say;
  }
}

/** A conflict can be explained better here than elsewhere. */
export const explained =
  <T = Texts>(say: Said<T>) =>
  (error: unknown): never => {
    throw error instanceof ParleyError && error.code === 'conflict' ? new Told(say, error) : error;
  };

/** Why something failed. The server's findings about single fields say more than the code. */
export function explainIn(texts: Texts, error: unknown): string {
  const { errors, reasons } = texts;
  if (error instanceof Told) return error.say(texts);
  if (!(error instanceof ParleyError)) return errors.internal;
  // A newer server may have a reason that the page does not know. Its sentence is in the language of the call.
  if (error.reason !== undefined) return reasons[error.reason] ?? error.message;
  const findings = error.details.map((finding) => findingIn(texts, finding));
  return findings.length === 0 ? (errors[error.code] ?? error.message) : findings.join(texts.gap);
}

function findingIn(texts: Texts, { path, message, rule, values }: FieldError): string {
  const { fields, findings, models, sentence } = texts;
  if (path === 'model') return models.goneHint;
  const label = fields[path] ?? (path === '' ? (findings.root ?? path) : path);
  const template = rule === undefined ? undefined : findings[rule];
  if (template === undefined) return sentence(message.replace(path, label));
  return sentence(fillTemplate(template, { ...values, label }));
}
