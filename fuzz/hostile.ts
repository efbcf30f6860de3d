import fc, { type Arbitrary } from 'fast-check';
import type { Description } from '../lab/people/joi-shape.js';
import { LIMITS } from '../src/contract/limits.js';
import { taken } from './arbitraries.js';

const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const polluted: unknown = JSON.parse(
  '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": 1}',
);

const KNOWN: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u202e',
    '\r\nX-Evil: 1',
    '%00',
    '..',
  ],
  ...[
    "' OR 1=1 --",
    "'; DROP TABLE users; --",
    '$1',
    '%',
    '\\',
    '{"$gt": ""}',
    '{{7*7}}',
    '__proto__',
  ],
  ...[
    0,
    -0,
    -1,
    1.5,
    1e21,
    -1e308,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    5e-324,
    '1',
    '0x10',
    '1e3',
    'NaN',
    'null',
  ],
  ...[[], {}, [[]], [null], { length: 1e9 }, { id: 1 }, { toJSON: 1 }, deep(200), polluted],
];

const LONG = [
  LIMITS.titleChars,
  LIMITS.usernameMax,
  LIMITS.passwordMaxBytes,
  LIMITS.searchChars,
].flatMap((length) => ['x'.repeat(length), 'x'.repeat(length + 1), '界'.repeat(length)]);

/** Values that have broken other programs. */
export const hostile: Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 2, arbitrary: fc.constantFrom(...LONG) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.double() },
);

type Change = { at: number; how: 'replace' | 'drop' | 'add'; value: unknown };
const change: Arbitrary<Change> = fc.record({
  at: fc.nat({ max: 50 }),
  how: fc.constantFrom('replace' as const, 'replace' as const, 'drop' as const, 'add' as const),
  value: hostile,
});

/** Changes one place inside the value. */
function damage(value: unknown, { at, how, value: part }: Change): unknown {
  if (typeof value !== 'object' || value === null) return part;
  const copy: Record<string, unknown> = { ...value };
  const keys = Object.keys(copy);
  const key = keys[at % Math.max(1, keys.length)];
  if (how === 'add' || key === undefined) copy[`extra${at}`] = part;
  else if (how === 'drop') delete copy[key];
  else copy[key] = at % 3 === 0 ? damage(copy[key], { at: at >> 1, how, value: part }) : part;
  return Array.isArray(value) ? Object.values(copy) : copy;
}

/** Valid, nearly valid, and arbitrary values. */
export function anyOf(description: Description): Arbitrary<unknown> {
  const good = taken(description);
  const near = fc.tuple(good, change).map(([value, how]) => damage(value, how));
  return fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 5, arbitrary: near },
    { weight: 1, arbitrary: hostile },
  );
}
