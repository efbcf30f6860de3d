import Joi from 'joi';
import { LIMITS } from '../contract/limits.js';
import {
  asciiDomain,
  composed,
  hasHidden,
  isStorable,
  isVisible,
  opaque,
  searchable,
  startOf,
} from '../contract/text.js';
import { VALIDATION_MESSAGES } from '../entities/validation-messages.js';

const storable: Joi.CustomValidator<string> = (value, helpers) =>
  isStorable(value) ? value : helpers.error('text.storable');

const notBlank: Joi.CustomValidator<string> = (value, helpers) =>
  isVisible(value) ? value : helpers.error('text.blank');

const usernameLike: Joi.CustomValidator<string> = (value, helpers) =>
  value === value.trim() && !hasHidden(value) ? value : helpers.error('text.username');

const nothingHidden: Joi.CustomValidator<string> = (value, helpers) =>
  hasHidden(value) ? helpers.error('text.hidden') : value;

/** Composing leaves at least an eighth of a text's length: no letter has more than four parts. */
const MOST_SHRINKING = 8;

/**
 * Runs before the lengths are checked, because the normalized form counts. Its time grows with the square of
 * consecutive marks, so a text that can only be too long is first cut to one that is still too long.
 */
const formOf =
  (max: number, form: (text: string) => string): Joi.CustomValidator<string> =>
  (value) =>
    value.length > MOST_SHRINKING * max ? startOf(value, max + 2) : form(value);

/**
 * Without one, each node would read the time in its own. A date alone is UTC by the standard. joi reads the times of
 * queries before this rule is asked.
 */
const hasZone: Joi.CustomValidator<string> = (value, helpers) =>
  /^[^T ]+$|(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(String(helpers.original))
    ? value
    : helpers.error('string.isoDate');

const clientIdLike: Joi.CustomValidator<string> = (value, helpers) =>
  value.length <= LIMITS.clientIdChars && /^[A-Za-z0-9_-]+$/.test(value)
    ? value
    : helpers.error('text.clientId', { limit: LIMITS.clientIdChars });

/** Describes the demand of a custom rule to the references, because joi cannot see into it. */
const demands = (schema: object) => ({ schema });

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const bytes =
  (min: number, max: number, lengthOf = bytesOf): Joi.CustomValidator<string> =>
  (value, helpers) => {
    const length = lengthOf(value);
    if (length < min) return helpers.error('password.min', { limit: min });
    return length > max ? helpers.error('password.max', { limit: max }) : value;
  };

/** Any storable text of at most `max` UTF-16 code units. */
export const text = (max: number) => Joi.string().max(max).custom(storable, 'storable');

/** Text with a visible character. */
export const visibleText = (max: number) => text(max).custom(notBlank, 'not blank');

/** The text of a question to a model. */
export const question = () => visibleText(LIMITS.messageChars).example('Why is the sky blue?');

/** A text without a visible character counts as absent. */
export const searchText = () =>
  Joi.string()
    .custom(storable, 'storable')
    .custom(formOf(LIMITS.searchChars, searchable), 'searchable')
    .concat(text(LIMITS.searchChars))
    .allow('');

/** Equal texts have one form. */
const composedText = (max: number) =>
  Joi.string().custom(formOf(max, composed), 'NFC').concat(text(max));

/** A number in an address has one spelling: digits, not beginning with 0. */
const plainDigits: Joi.CustomValidator<number> = (value, { original, error }) =>
  typeof original === 'string' && !/^[1-9]\d*$/.test(original) ? error('number.base') : value;

export const id = () => Joi.number().integer().min(1).max(LIMITS.id).custom(plainDigits, 'id');
export const count = (min: number, max: number) => Joi.number().integer().min(min).max(max);

export const email = () =>
  Joi.string()
    .custom(formOf(LIMITS.emailChars, composed), 'NFC')
    .custom(nothingHidden, 'nothing hidden')
    .custom(formOf(LIMITS.emailChars, asciiDomain), 'one form of the domain')
    .concat(text(LIMITS.emailChars))
    .email({ tlds: { allow: false } })
    .example('ada@example.com');
export const username = () =>
  composedText(LIMITS.usernameMax)
    .min(LIMITS.usernameMin)
    .custom(usernameLike, 'username')
    .example('ada');
export const newPassword = () =>
  Joi.string()
    .custom(storable, 'storable')
    .custom(formOf(LIMITS.passwordMaxBytes, opaque), 'opaque')
    .custom(bytes(LIMITS.passwordMinBytes, LIMITS.passwordMaxBytes), 'password')
    .meta(demands({ format: 'password', description: 'Its length is counted in bytes of UTF-8' }))
    .example('horse battery staple');
const leastBytes = (password: string) =>
  password.length > MOST_SHRINKING * LIMITS.passwordMaxBytes
    ? bytesOf(password)
    : Math.min(bytesOf(password), bytesOf(opaque(password)));

/**
 * A password to be checked, as typed: older hashes use that form. The minimum length may once have been different,
 * but bcrypt never read more than this.
 */
export const knownPassword = () =>
  Joi.string()
    .custom(storable, 'storable')
    .custom(bytes(1, LIMITS.passwordMaxBytes, leastBytes), 'password')
    .meta(demands({ format: 'password' }))
    .example('horse battery staple');
export const title = () =>
  composedText(LIMITS.titleChars).custom(notBlank, 'not blank').example('Plans for spring');
/** `<attempt>-<seq>`, both within their bounds. */
const eventIdLike: Joi.CustomValidator<string> = (value, { error }) => {
  const parts = /^(\d{1,10})-(\d{1,10})$/.exec(value)?.slice(1) ?? [];
  const fits = parts.length === 2 && parts.every((part) => Number(part) <= LIMITS.cursorPart);
  return fits ? value : error('text.eventId');
};

/** The id of a server-sent event; an empty one is none. */
export const eventId = () =>
  Joi.string()
    .allow('')
    .custom(eventIdLike, 'event id')
    .meta(demands({ pattern: '^([0-9]{1,10}-[0-9]{1,10})?$' }));
export const keyName = () =>
  composedText(LIMITS.keyNameChars).custom(notBlank, 'not blank').example('my script');
/** The target is checked later, with the network at hand. */
export const webhookUrl = () =>
  text(LIMITS.webhookUrlChars)
    .uri({ scheme: ['https', 'http'] })
    .example('https://example.com/parley');
/** ISO 8601 with a time zone. */
export const moment = () => Joi.string().isoDate().custom(hasZone, 'time zone');
export const token = () => text(LIMITS.tokenChars);
/** Id of a session or key, as listed. */
export const uuid = () => Joi.string().lowercase().guid({ separator: '-', wrapper: false });
export const clientId = () =>
  Joi.string()
    .custom(clientIdLike, 'client id')
    .meta(demands({ pattern: '^[A-Za-z0-9_-]+$', maxLength: LIMITS.clientIdChars }))
    .example('question-1');
export const modelName = () => visibleText(LIMITS.modelChars);

const SHARED: Joi.ValidationOptions = {
  abortEarly: false,
  stripUnknown: true,
  messages: VALIDATION_MESSAGES,
  errors: { label: 'path', wrap: { label: false, array: false } },
};

// Made once: joi compiles all messages of both languages for every schema that gets them.
const AS_SENT: Joi.ObjectSchema = Joi.object()
  .required()
  .prefs({ ...SHARED, convert: false });
const FROM_TEXT: Joi.ObjectSchema = Joi.object()
  .required()
  .prefs({ ...SHARED, convert: true });

/** A JSON object: types are not converted. */
export const json = <T>(keys: Joi.StrictSchemaMap<T>): Joi.ObjectSchema<T> => AS_SENT.keys(keys);

/** Path or query parameters: numbers arrive as text. */
export const parameters = <T>(keys: Joi.StrictSchemaMap<T>): Joi.ObjectSchema<T> =>
  FROM_TEXT.keys(keys);
