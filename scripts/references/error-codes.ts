import { ERRORS, type ErrorCode } from '../../src/contract/errors.js';

export interface Refusal {
  /** Empty: the model server's own, or none. */
  code: string;
  status: number;
  when: string;
}

const WHEN = {
  validation_failed: 'A value is missing, of the wrong type or out of range',
  malformed_json: 'The body cannot be read',
  payload_too_large: 'The body is over the limit',
  unauthenticated: 'No token',
  token_expired: 'The access token has expired: refresh it',
  token_invalid: 'The token was not issued by this server',
  session_revoked: 'The session has ended',
  key_revoked: 'The key was revoked or has expired',
  account_disabled: 'The account is disabled',
  forbidden: 'Roles or scopes do not allow it',
  origin_not_allowed: 'A cookie without an allowed `Origin`',
  not_found: 'It does not exist, or belongs to somebody else',
  rate_limited: 'Too many requests: wait for `retry_after_ms`',
  unavailable: 'The server cannot serve right now',
  internal: 'A bug; the log has the details under `request_id`',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** The words of the calls that may return them. */
const OTHERS = {
  refresh_reused: 'A refresh token was used twice; its session has been revoked',
  invalid_credentials: 'Unknown address, wrong password, or wrong current password',
  email_taken: 'The address has an account',
  username_taken: 'The name has an account',
  conflict: 'The same `client_id` with another payload, or a state that the call does not allow',
  quota_exceeded: 'The quota of the day or month is exhausted',
  provider_error: 'The model refused, or sent something that cannot be understood',
  provider_unavailable: 'The model cannot be reached, is too busy, or fell silent',
  unknown_event: 'The server does not know this event',
} as const satisfies Omit<Record<ErrorCode, string>, keyof typeof WHEN>;

/** The general condition of a code. A code without words does not compile. */
export const whenOf = (code: string): string =>
  (({ ...WHEN, ...OTHERS }) as Readonly<Record<string, string>>)[code] ?? '';

const refusals = (codes: readonly (keyof typeof WHEN)[]): Refusal[] =>
  codes.map((code) => ({ code, status: ERRORS[code].status, when: WHEN[code] }));

/** Codes that every caller may get. */
const ANY = refusals(['rate_limited', 'unavailable', 'internal']);
const IDENTITY = refusals([
  ...(['unauthenticated', 'token_expired', 'token_invalid'] as const),
  ...(['session_revoked', 'key_revoked', 'account_disabled', 'forbidden'] as const),
]);

/** The words of a `throws` tag: a code, and when. @throws Error for an unknown code */
function told(tag: string): Refusal {
  const [, code = '', when = ''] = /^`(\w+)` ?(.*)$/.exec(tag) ?? [];
  if (!Object.hasOwn(ERRORS, code)) throw new Error(`"${tag}" names no error code`);
  const { status } = ERRORS[code as ErrorCode];
  return { code, status, when: when.charAt(0).toUpperCase() + when.slice(1) };
}

/** One row for each code, in the order of the contract. The words of a call itself come before the general ones. */
function merged(own: readonly Refusal[], general: readonly Refusal[]): Refusal[] {
  const known = (code: string) => own.find((one) => one.code === code);
  const all = [...own, ...general.filter(({ code }) => !known(code))];
  const order = Object.keys(ERRORS);
  return all.toSorted((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
}

export interface CallKind {
  isOpen: boolean;
  /** The call takes input. */
  isChecked: boolean;
  hasBody: boolean;
  hasId: boolean;
  changes: boolean;
  /** The call refuses keys before anything else. */
  refusesKeys: boolean;
}

/** The errors of a REST call: those that follow from its kind, and those that its comment names. */
export function callErrors(kind: CallKind, tags: readonly string[] = []): Refusal[] {
  return merged(tags.map(told), [
    ...ANY,
    ...(kind.isOpen ? [] : IDENTITY),
    ...(kind.isOpen && kind.refusesKeys ? refusals(['forbidden']) : []),
    ...(!kind.isOpen && kind.changes ? refusals(['origin_not_allowed']) : []),
    ...(kind.isChecked ? refusals(['validation_failed']) : []),
    ...(kind.hasBody ? refusals(['malformed_json', 'payload_too_large']) : []),
    ...(kind.hasId ? refusals(['not_found']) : []),
  ]);
}

/** The same of a socket event. */
export function eventErrors(hasId: boolean, tags: readonly string[] = []): Refusal[] {
  const kind = ['validation_failed', 'session_revoked', 'key_revoked', 'account_disabled'] as const;
  return merged(tags.map(told), [
    ...ANY,
    ...refusals([...kind, 'forbidden']),
    ...(hasId ? refusals(['not_found']) : []),
  ]);
}

/** The errors of calls with codes of their own: `401 `code` when`, or `415 when` for any code of the model server. */
export const programErrors = (tags: readonly string[]): Refusal[] =>
  tags.map((tag) => {
    const [, status, code = '', when = ''] = /^(\d{3}) (?:`(\w+)` )?(.+)$/.exec(tag) ?? [];
    if (status === undefined) throw new Error(`"${tag}" names no status`);
    return { code, status: Number(status), when };
  });
