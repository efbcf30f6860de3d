import type Joi from 'joi';

/** The parts of `schema.describe()` that are read here. */
export interface Description {
  type?: string;
  flags?: { presence?: string; only?: boolean };
  allow?: unknown[];
  rules?: { name: string; args?: Record<string, unknown> }[];
  keys?: Record<string, Description>;
  items?: Description[];
}

/** Keys and indexes from the whole value down to a part. */
export type Path = readonly (string | number)[];

export const describe = (schema: Joi.Schema): Description => schema.describe() as Description;

export function ruleLimit(description: Description, rule: string): number | undefined {
  const limit = description.rules?.find(({ name }) => name === rule)?.args?.limit;
  return typeof limit === 'number' ? limit : undefined;
}

export const hasRule = ({ rules = [] }: Description, name: string): boolean =>
  rules.some((rule) => rule.name === name);

export const isRequired = ({ flags }: Description): boolean => flags?.presence === 'required';

/** The paths of all places in the value that `fits`. Lists count with their first entry. */
export function pathsOf(
  description: Description,
  fits: (key: string, part: Description) => boolean,
  path: Path = [],
): Path[] {
  const { keys = {}, items = [] } = description;
  const inKeys = Object.entries(keys).flatMap(([key, part]) => [
    ...(fits(key, part) ? [[...path, key]] : []),
    ...pathsOf(part, fits, [...path, key]),
  ]);
  return [...inKeys, ...items.slice(0, 1).flatMap((item) => pathsOf(item, fits, [...path, 0]))];
}

/** Names that end like those of ids: the author chooses the first, and the second is a place in a stream. */
const NO_IDS: ReadonlySet<string> = new Set(['client_id', 'last_event_id']);

/** Paths of the ids of stored objects. */
export const idPaths = (description: Description): Path[] =>
  pathsOf(
    description,
    (key, { type }) => /(^|_)ids?$/.test(key) && !NO_IDS.has(key) && type !== 'object',
  );

let serial = 0;

/** The smallest value that the schema accepts. Names are new each time. */
export function minimal(description: Description): unknown {
  const { type, keys = {}, allow, flags } = description;
  if (flags?.only && allow) return allow.find((value) => value !== null);
  if (type === 'object') {
    const wanted = Object.entries(keys).filter(([, part]) => isRequired(part));
    return Object.fromEntries(wanted.map(([key, part]) => [key, minimal(part)]));
  }
  if (type === 'array') {
    const [item] = description.items ?? [];
    return item && ruleLimit(description, 'min') ? [minimal(item)] : [];
  }
  if (type === 'boolean') return true;
  if (type === 'number') return ruleLimit(description, 'min') ?? 0;
  serial += 1;
  if (hasRule(description, 'uri')) return `https://x${serial}.invalid/`;
  return hasRule(description, 'email') ? `x${serial}@example.com` : `name-${serial}`;
}

/** A copy of `value` with `part` at `path`. Missing levels are created by `description`. */
export function withPart(
  value: unknown,
  description: Description,
  [key, ...rest]: Path,
  part: unknown,
): unknown {
  if (key === undefined) return part;
  const inner = (typeof key === 'number' ? description.items?.[0] : description.keys?.[key]) ?? {};
  const before: unknown = Object(value)[key] ?? minimal(inner);
  const after = withPart(before, inner, rest, part);
  if (Array.isArray(value)) return value.toSpliced(Number(key), 1, after);
  return { ...Object(value), [key]: after };
}
