import type { User } from '../contract/accounts.js';
import { LIMITS } from '../contract/limits.js';
import { asciiDomain } from '../contract/text.js';
import type { AccountName } from '../ports/repositories/account-repository.js';
import { type Call, CommandError } from './command.js';

/** Digits are an id, text with an @ is an address. Such a text never means a user with that name. */
function nameFrom(text: string): AccountName {
  if (/^\d+$/.test(text)) return { kind: 'id', value: Math.min(Number(text), LIMITS.id) };
  if (text.includes('@')) return { kind: 'email', value: asciiDomain(text) };
  return { kind: 'username', value: text };
}

/** @throws CommandError if there is no such user */
export async function findUser({ accounts, words }: Call): Promise<User> {
  const [text = ''] = words;
  const user = await accounts.find(nameFrom(text));
  if (!user) throw new CommandError(`There is no user "${text}".`);
  return user;
}

export const nameOf = ({ id, username, email }: User): string => `${username} <${email}> (${id})`;

export const rolesOf = ({ roles }: User): string => roles.join(', ') || 'none';

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = rows[0]?.map((_, column) => width(column)) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
