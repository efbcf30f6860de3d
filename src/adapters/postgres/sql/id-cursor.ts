import { invalid } from '../../../entities/errors.js';
import type { Page } from '../../../ports/repositories/account-repository.js';

const encode = (id: number): string => Buffer.from(`before ${id}`).toString('base64url');

/**
 * Reads the cursor of a list ordered by descending id: the next page is below the returned id.
 * @throws AppError `validation_failed`
 */
export function decodeIdCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const [, id] = /^before (\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id !== undefined && Number.isSafeInteger(Number(id))) return Number(id);
  throw invalid({ path: 'cursor', code: 'cursor.unknown' });
}

/** `rows` has one more than `limit` if there is another page. */
export function toPage<R extends { id: number }, T>(
  rows: R[],
  limit: number,
  toEntry: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    entries: shown.map(toEntry),
    nextCursor: rows.length > limit && last ? encode(last.id) : null,
  };
}
