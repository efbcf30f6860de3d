import type { Variable } from '../variable.js';

/** Tokens, sessions and cookies. */
export const TOKENS_TABLE = [
  {
    name: 'SECRET_KEY',
    type: 'secrets',
    default: '',
    meaning:
      'Signs access tokens. At least 32 bytes. With several secrets, separated by commas, the first signs and all verify. Empty: created in the data directory, in development only.',
  },
  {
    name: 'REFRESH_SECRET_KEY',
    type: 'secrets',
    default: '',
    meaning: 'Signs refresh tokens. Must differ from `SECRET_KEY`; the same rules apply otherwise.',
  },
  {
    name: 'ALGORITHM',
    type: 'choice',
    values: ['HS256'],
    default: 'HS256',
    meaning: 'Signature algorithm of tokens.',
  },
  { name: 'JWT_ISSUER', type: 'text', default: 'parley', meaning: 'Claim `iss` of tokens.' },
  { name: 'JWT_AUDIENCE', type: 'text', default: 'parley', meaning: 'Claim `aud` of tokens.' },
  {
    name: 'ACCESS_TOKEN_EXPIRE_MINUTES',
    type: 'number',
    min: 0.01,
    max: 1_440,
    unit: 'min',
    default: '15',
    meaning: 'Lifetime of an access token.',
  },
  {
    name: 'REFRESH_TOKEN_EXPIRE_DAYS',
    type: 'number',
    min: 0.0001,
    max: 365,
    unit: 'days',
    default: '7',
    meaning: 'How long a session lasts without a refresh.',
  },
  {
    name: 'SESSION_MAX_DAYS',
    type: 'number',
    min: 0.0001,
    max: 3_650,
    unit: 'days',
    default: '90',
    meaning: 'Longest life of a session, however often it is refreshed.',
  },
  {
    name: 'SESSION_RECHECK_SECONDS',
    type: 'number',
    min: 0.1,
    max: 60,
    unit: 's',
    default: '30',
    meaning: 'How often the sessions of open sockets are checked, in case a notification was lost.',
  },
  {
    name: 'BCRYPT_COST',
    type: 'integer',
    min: 4,
    max: 15,
    default: '12',
    meaning: 'Work factor of password hashes. Each step doubles the work.',
  },
  {
    name: 'COOKIE_SECURE',
    type: 'boolean',
    default: '',
    meaning: 'Whether cookies need HTTPS. Empty: `true` in production, otherwise `false`.',
  },
  {
    name: 'COOKIE_SAMESITE',
    type: 'choice',
    values: ['lax', 'strict', 'none'],
    default: 'lax',
    meaning: '`none` requires `COOKIE_SECURE`.',
  },
] as const satisfies readonly Variable[];
