import type { EnvReader } from './env-reader.js';
import type { VariableName } from './table.js';

const SECRET_BYTES = 32;
/** No rotation needs more at once. */
const SECRETS_MAX = 10;
const WELL_KNOWN =
  /^(.)\1*$|change.?me|change.?this|your.?(super.?)?(secret|key)|(super|my|jwt).?secret|secret.?key|example|placeholder|password|insecure|develop|0123456789|1234567890|abcdefgh/i;

/** Splits a list from a variable or from the file of development secrets. */
const splitSecrets = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function problemOf(secrets: readonly string[]): string | null {
  if (secrets.length === 0 || secrets.some((one) => Buffer.byteLength(one) < SECRET_BYTES)) {
    return `a secret of at least ${SECRET_BYTES} bytes (openssl rand -base64 48), or several separated by commas`;
  }
  if (secrets.some((secret) => WELL_KNOWN.test(secret))) {
    return 'a random secret, not a well-known one (openssl rand -base64 48)';
  }
  return new Set(secrets).size < secrets.length ? 'each secret once' : null;
}

function readSecretList(read: EnvReader, name: VariableName, production: boolean): string[] {
  const secrets = splitSecrets(read.text(name));
  const problem = production ? problemOf(secrets) : null;
  if (problem) read.problem(name, problem);
  if (secrets.length > SECRETS_MAX) read.problem(name, `at most ${SECRETS_MAX} secrets`);
  return secrets;
}

/** Lists may be empty outside production: the caller creates them. */
export function readSecrets(read: EnvReader, production: boolean) {
  const secretKeys = readSecretList(read, 'SECRET_KEY', production);
  const refreshSecretKeys = readSecretList(read, 'REFRESH_SECRET_KEY', production);
  if (production && secretKeys.some((secret) => refreshSecretKeys.includes(secret))) {
    read.problem('REFRESH_SECRET_KEY', 'a secret other than SECRET_KEY');
  }
  return { secretKeys, refreshSecretKeys };
}
