import Joi from 'joi';
import { LIMITS } from './limits.js';
import { VALIDATION_MESSAGES } from './validation-messages.js';

/** Postgres cannot store U+0000, and UTF-8 no lone surrogate. */
const isStorable = (value: string): boolean =>
  !value.includes('\u0000') && !/\p{Surrogate}/u.test(value);

const storable: Joi.CustomValidator<string> = (value, helpers) =>
  isStorable(value) ? value : helpers.error('text.storable');

const notBlank: Joi.CustomValidator<string> = (value, helpers) =>
  /\S/.test(value) ? value : helpers.error('text.blank');

const usernameLike: Joi.CustomValidator<string> = (value, helpers) =>
  value === value.trim() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value)
    ? value
    : helpers.error('text.username');

const clientIdLike: Joi.CustomValidator<string> = (value, helpers) =>
  value.length <= LIMITS.clientIdChars && /^[A-Za-z0-9_-]+$/.test(value)
    ? value
    : helpers.error('text.clientId', { limit: LIMITS.clientIdChars });

const bytes =
  (min: number, max: number): Joi.CustomValidator<string> =>
  (value, helpers) => {
    const length = new TextEncoder().encode(value).length;
    if (length < min) return helpers.error('password.min', { limit: min });
    return length > max ? helpers.error('password.max', { limit: max }) : value;
  };

/** Any storable text of at most `max` UTF-16 code units. */
export const text = (max: number) => Joi.string().max(max).custom(storable, 'storable');

/** Text that shows something. */
export const visibleText = (max: number) => text(max).custom(notBlank, 'not blank');

/** As text, in an address, it has one spelling: digits, the first of them not 0. */
const plainDigits: Joi.CustomValidator<number> = (value, { original, error }) =>
  typeof original === 'string' && !/^[1-9]\d*$/.test(original) ? error('number.base') : value;

export const id = () => Joi.number().integer().min(1).max(LIMITS.id).custom(plainDigits, 'id');
export const count = (min: number, max: number) => Joi.number().integer().min(min).max(max);

export const email = () => text(LIMITS.emailChars).email({ tlds: { allow: false } });
export const username = () =>
  text(LIMITS.usernameMax).min(LIMITS.usernameMin).custom(usernameLike, 'username');
export const newPassword = () =>
  Joi.string()
    .custom(storable, 'storable')
    .custom(bytes(LIMITS.passwordMinBytes, LIMITS.passwordMaxBytes), 'password');
/** One to be checked: the least length may once have been another, but bcrypt never read more than this. */
export const knownPassword = () =>
  Joi.string().custom(storable, 'storable').custom(bytes(1, LIMITS.passwordMaxBytes), 'password');
export const token = () => text(LIMITS.tokenChars);
/** Of a session, as it is listed. */
export const uuid = () => Joi.string().lowercase().guid({ separator: '-', wrapper: false });
export const clientId = () => Joi.string().custom(clientIdLike, 'client id');
export const modelName = () => visibleText(LIMITS.modelChars);

const SHARED: Joi.ValidationOptions = {
  abortEarly: false,
  stripUnknown: true,
  messages: VALIDATION_MESSAGES,
  errors: { label: 'path', wrap: { label: false, array: false } },
};

/** A JSON object: types count as they were sent. */
export const json = <T>(keys: Joi.StrictSchemaMap<T>): Joi.ObjectSchema<T> =>
  Joi.object<T, true>(keys)
    .required()
    .prefs({ ...SHARED, convert: false });

/** Path or query parameters: numbers arrive as text. */
export const parameters = <T>(keys: Joi.StrictSchemaMap<T>): Joi.ObjectSchema<T> =>
  Joi.object<T, true>(keys)
    .required()
    .prefs({ ...SHARED, convert: true });
