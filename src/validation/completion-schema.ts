import Joi from 'joi';
import type { Language } from '../contract/language.js';
import { LIMITS } from '../contract/limits.js';
import type { CompletionBody } from '../contract/openai.js';
import { invalid } from '../entities/errors.js';
import { clientId, json, modelName } from './schema-types.js';
import { validateLarge } from './validate.js';

export const idempotencyKey = clientId().required();

const MESSAGES = [{ role: 'user', content: 'Why is the sky blue?' }];

/** Checks only what this server needs to know. The model server judges the rest. */
export const completionBody = json<CompletionBody>({
  model: modelName().example('gpt-4o-mini').required(),
  messages: Joi.array().min(1).example(MESSAGES).required(),
  stream: Joi.boolean().strict().allow(null),
  stream_options: Joi.object({ include_usage: Joi.boolean().strict().allow(null) })
    .unknown(true)
    .allow(null),
}).unknown(true);

/**
 * The part of a body that this server needs. Fields are counted first: each of them costs again whenever the body is
 * changed.
 * @throws AppError `validation_failed`
 */
export function validateCompletion(given: unknown, language: Language): CompletionBody {
  const limit = LIMITS.completionFields;
  if (Object.keys(Object(given)).length > limit) {
    throw invalid({ path: '', code: 'object.max', values: { limit } });
  }
  return validateLarge(completionBody, given, language);
}
