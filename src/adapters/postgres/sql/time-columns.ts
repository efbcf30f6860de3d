const nameOf = (column: string) => column.replace(/^\w\./, '');

/** A time as the contract writes it, under the name of its column. */
const time = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${nameOf(column)}`;

/** The same for `fromUtc`, as JSON writes it: without a zone, and without zeros at its end. That is the cheapest. */
const utcTime = (column: string) => `${column} AT TIME ZONE 'UTC' AS ${nameOf(column)}`;

export const times = (...columns: string[]): string => columns.map(time).join(', ');

export const utcTimes = (...columns: string[]): string => columns.map(utcTime).join(', ');

const SECONDS = '2000-01-01T00:00:00';
const MILLISECONDS = `${SECONDS}.000`;

export const fromUtc = (text: string): string =>
  `${text.length === SECONDS.length ? `${text}.` : text}`
    .padEnd(MILLISECONDS.length, '0')
    .concat('Z');
