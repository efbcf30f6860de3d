const nameOf = (column: string) => column.replace(/^\w\./, '');

/** A time in the format of the contract, under the name of its column. */
const time = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${nameOf(column)}`;

/** The same for `fromUtc`, in the cheaper format of JSON: without a zone and without trailing zeros. */
const utcTime = (column: string) => `${column} AT TIME ZONE 'UTC' AS ${nameOf(column)}`;

export const times = (...columns: string[]): string => columns.map(time).join(', ');

export const utcTimes = (...columns: string[]): string => columns.map(utcTime).join(', ');

const SECONDS = '2000-01-01T00:00:00';
const MILLISECONDS = `${SECONDS}.000`;

export const fromUtc = (text: string): string =>
  `${text.length === SECONDS.length ? `${text}.` : text}`
    .padEnd(MILLISECONDS.length, '0')
    .concat('Z');
