import fc, { type Arbitrary } from 'fast-check';
import { type Description, hasRule, isRequired, ruleLimit } from '../lab/people/joi-shape.js';
import { LIMITS } from '../src/contract/limits.js';

/** Numbers that stand for an id of the caller's own. The sender replaces them. */
export const OWN_ID = { from: LIMITS.id - 99, to: LIMITS.id };

const LONGEST = 40;

const id = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: OWN_ID.from, max: OWN_ID.to }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 400 }) },
  fc.maxSafeNat(),
);

/** Rules that follow from a key's name, not from its schema. */
const BY_NAME: Readonly<Record<string, Arbitrary<unknown>>> = {
  // Some are used again, with the same payload or another.
  client_id: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c') },
    { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{2,12}$/) },
  ),
  password: fc.constant('SecurePass123!'),
  current_password: fc.constant('SecurePass123!'),
  new_password: fc.constant('SecurePass123!'),
  model: fc.constantFrom(...Array(4).fill('test-model'), 'no-such-model'),
};

function numberOf(key: string, description: Description): Arbitrary<unknown> {
  if (/(^|_)ids?$/.test(key)) return id;
  const min = ruleLimit(description, 'min') ?? 0;
  const max = ruleLimit(description, 'max') ?? 1_000;
  const whole = fc.integer({ min: Math.ceil(min), max: Math.min(max, 2 ** 31 - 1) });
  const near = fc.constantFrom(min, max);
  return hasRule(description, 'integer')
    ? fc.oneof(whole, near)
    : fc.double({ min, max, noNaN: true });
}

function textOf(key: string, description: Description): Arbitrary<unknown> {
  const named = BY_NAME[key];
  if (named) return named;
  if (hasRule(description, 'email')) return fc.nat().map((n) => `fuzz${n}@example.com`);
  if (hasRule(description, 'guid')) return fc.uuid();
  const minLength = Math.max(1, ruleLimit(description, 'min') ?? 1);
  const maxLength = Math.min(LONGEST, ruleLimit(description, 'max') ?? LONGEST);
  return fc.string({ unit: 'grapheme', minLength, maxLength });
}

function objectOf({ keys = {} }: Description): Arbitrary<unknown> {
  const entries = Object.entries(keys);
  const parts = Object.fromEntries(entries.map(([key, part]) => [key, taken(part, key)]));
  const requiredKeys = entries.filter(([, part]) => isRequired(part)).map(([key]) => key);
  return fc.record(parts, { requiredKeys });
}

function bare(description: Description, key: string): Arbitrary<unknown> {
  const { type, items = [] } = description;
  if (type === 'object') return objectOf(description);
  if (type === 'array') return fc.array(taken(items[0] ?? {}, key), { maxLength: 4 });
  if (type === 'boolean') return fc.boolean();
  return type === 'number' ? numberOf(key, description) : textOf(key, description);
}

/** Values that the schema accepts, or nearly: most values keep the rules that the schema does not express. */
export function taken(description: Description, key = ''): Arbitrary<unknown> {
  const { allow = [], flags } = description;
  const given = allow.filter((value) => value === null || typeof value !== 'object');
  if (flags?.only && given.length > 0) return fc.constantFrom(...given);
  const value = bare(description, key);
  return given.length === 0
    ? value
    : fc.oneof({ weight: 4, arbitrary: value }, fc.constantFrom(...given));
}
