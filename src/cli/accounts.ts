import type { User } from '../contract/rest.js';
import { type Call, CommandError } from './command.js';

/** By id, address or name. @throws CommandError when there is none */
export async function findUser({ accounts, words }: Call): Promise<User> {
  const [text = ''] = words;
  const user = await accounts.find(text);
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
