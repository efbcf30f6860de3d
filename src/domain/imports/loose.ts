import type { MessageRole } from '../../contract/rest.js';

/** An object whose shape nobody guarantees. */
export type Loose = Record<string, unknown>;

export const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectOf = (value: unknown): Loose => (isObject(value) ? value : {});
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** Null for anything but a text, and for an empty one. */
export const wordOf = (value: unknown): string | null => textOf(value) || null;

/** Ids are texts or numbers. */
export const idOf = (value: unknown): string | null =>
  typeof value === 'number' ? String(value) : wordOf(value);

const ROLES: ReadonlyMap<unknown, MessageRole> = new Map([
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['system', 'system'],
]);

/** Null for the names of other roles, such as tools. */
export const roleOf = (value: unknown): MessageRole | null => ROLES.get(value) ?? null;

const SECONDS_BELOW = 1e11;
const MS_BELOW = 1e14;

/** Ms since the epoch, from seconds, ms, μs, ns, or a date in ISO 8601. */
export function timeOf(value: unknown): number | null {
  const number = numberOf(value);
  if (number === null) {
    const parsed = Date.parse(textOf(value));
    return Number.isNaN(parsed) ? null : parsed;
  }
  if (number < SECONDS_BELOW) return number * 1_000;
  if (number < MS_BELOW) return number;
  return number < MS_BELOW * 1_000 ? number / 1_000 : number / 1_000_000;
}
