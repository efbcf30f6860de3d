/** Arrays of equal length; null if there are no rows. */
export type JsonColumns<T> = { readonly [K in keyof T]: readonly T[K][] | null };

/**
 * The rows of `select` as one JSON object with an array for each column. Postgres then looks up the type of a column
 * once, not for each value, and writes each name once: half the cost of a page of objects.
 */
export function jsonColumns(names: readonly string[], select: string): string {
  const columns = names.map((name) => `'${name}', json_agg(page.${name})`);
  return `(SELECT json_build_object(${columns.join(', ')}) FROM (${select}) page)`;
}

/** The value in row `i`. Rows are built field by field: with computed names that takes four times as long. */
export const cell = <T>(column: readonly T[] | null, i: number): T => column?.[i] as T;
