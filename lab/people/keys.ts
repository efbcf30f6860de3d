import type { NewApiKey } from '../../src/contract/keys.js';
import { SCOPES, type Scope } from '../../src/contract/scopes.js';
import { type Account, callRest } from './rest.js';

/** The account as a program with a new key of it. */
export async function withKey(
  url: string,
  account: Account,
  scopes: readonly Scope[] = SCOPES,
): Promise<Account & { keyId: string }> {
  const { status, body } = await callRest<NewApiKey>(`${url}/users/me/keys`, {
    token: account.token,
    body: { name: scopes.join(' '), scopes },
  });
  if (status !== 201) throw new Error(`no key: ${JSON.stringify(body)}`);
  return { ...account, token: body.key, keyId: body.id };
}
