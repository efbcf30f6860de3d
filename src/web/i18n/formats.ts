const STEPS = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
] as const satisfies [number, Intl.RelativeTimeFormatUnit][];

/** “5 minutes ago”, “yesterday”; the date for times long past. */
export function relativeTime(timestamp: string, language: string, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  let past = Math.max(0, now - Date.parse(timestamp)) / 1000;
  for (const [length, unit] of STEPS) {
    if (past < length) return format.format(-Math.floor(past), unit);
    past /= length;
  }
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(Date.parse(timestamp));
}

/** Phrases that may have commas themselves. */
export const phrases = (all: readonly string[], language: string): string =>
  all.join(language.startsWith('zh') ? '；' : '; ');

export const grouped = (count: number, language: string): string =>
  new Intl.NumberFormat(language).format(count);

/** A day `YYYY-MM-DD` of UTC, without the year. */
export const dayOf = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(day),
  );

/** Small amounts keep their digits. Without a currency it is a plain number. */
export const money = (amount: number, currency: string | null, language: string): string =>
  amount.toLocaleString(language, {
    ...(currency !== null && { style: 'currency', currency }),
    minimumFractionDigits: 2,
    maximumFractionDigits: amount < 0.0001 ? 9 : amount < 0.01 ? 6 : amount < 1 ? 4 : 2,
  });

/** The time of day, with the date unless it is today, and with the year unless it is this one. */
export function shortTime(timestamp: string, language: string, now = new Date()): string {
  const at = new Date(timestamp);
  const isThisYear = at.getFullYear() === now.getFullYear();
  const isToday = isThisYear && at.getMonth() === now.getMonth() && at.getDate() === now.getDate();
  return new Intl.DateTimeFormat(language, {
    ...{ hour: 'numeric', minute: '2-digit' },
    ...(!isToday && { month: 'short', day: 'numeric' }),
    ...(!isThisYear && { year: 'numeric' }),
  }).format(at);
}
