/** A time as the contract writes it, under the name of its column. */
const time = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column.replace(/^\w\./, '')}`;

export const times = (...columns: string[]): string => columns.map(time).join(', ');
