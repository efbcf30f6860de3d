import type Joi from 'joi';
import type { FieldError } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import { LIMITS } from '../contract/limits.js';
import { AppError, invalid } from '../entities/errors.js';
import { isModest } from './payload-size.js';

/**
 * The value in the form of the schema, without unknown keys.
 * @throws AppError `validation_failed` with the first problems in `details`, in words of `language`.
 */
export function validate<T>(schema: Joi.ObjectSchema<T>, value: unknown, language: Language): T {
  if (!isModest(value)) throw tooLarge();
  return validateLarge(schema, value, language);
}

/** The same for a value of any size: its schema must not look deep. */
export function validateLarge<T>(
  schema: Joi.ObjectSchema<T>,
  value: unknown,
  language: Language,
): T {
  const result = schema.validate(value);
  return result.error ? refuse(schema, value, language) : result.value;
}

/** Set only here: preferences of a single call cost joi several times as much as the validation. */
function refuse(schema: Joi.ObjectSchema, value: unknown, language: Language): never {
  const { error } = schema.validate(value, { errors: { language } });
  const details = error?.details.slice(0, LIMITS.findings).map(toFieldError) ?? [];
  throw new AppError('validation_failed', { details });
}

export const tooLarge = (
  limit: number = LIMITS.payloadValues,
  depth: number = LIMITS.payloadDepth,
) => invalid({ path: '', code: 'payload.large', values: { limit, depth } });

/** Facts about a finding that clients are told; never the value itself, which may be a password. */
const TOLD = ['limit', 'scheme', 'valids'] as const;

const toFieldError = ({ path, message, type, context }: Joi.ValidationErrorItem): FieldError => {
  const values = TOLD.flatMap((name) => {
    const value: unknown = context?.[name];
    if (Array.isArray(value)) return [[name, `[${value.join(', ')}]`]];
    return typeof value === 'number' || typeof value === 'string' ? [[name, value]] : [];
  });
  return {
    path: path.join('.'),
    message,
    rule: type,
    ...(values.length > 0 && { values: Object.fromEntries(values) }),
  };
};
