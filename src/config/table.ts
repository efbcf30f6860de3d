import { ANSWERS_TABLE } from './tables/answers.js';
import { LIMITS_TABLE } from './tables/limits.js';
import { MODEL_TABLE } from './tables/model.js';
import { NODE_TABLE } from './tables/node.js';
import { STORES_TABLE } from './tables/stores.js';
import { TOKENS_TABLE } from './tables/tokens.js';
import { TRACES_TABLE } from './tables/traces.js';

/** Every variable that is read, in the groups of the page. Tests compare the pages and `.env.example` with it. */
export const ENV_GROUPS = {
  node: NODE_TABLE,
  tokens: TOKENS_TABLE,
  stores: STORES_TABLE,
  model: MODEL_TABLE,
  answers: ANSWERS_TABLE,
  limits: LIMITS_TABLE,
  traces: TRACES_TABLE,
} as const;

export const ENV_TABLE = [
  ...NODE_TABLE,
  ...TOKENS_TABLE,
  ...STORES_TABLE,
  ...MODEL_TABLE,
  ...ANSWERS_TABLE,
  ...LIMITS_TABLE,
  ...TRACES_TABLE,
] as const;

type Entry = (typeof ENV_TABLE)[number];
type NameOf<T extends Entry['type']> = Extract<Entry, { type: T }>['name'];

export type VariableName = Entry['name'];
export type ChoiceName = NameOf<'choice'>;
export type IntegerName = NameOf<'integer'>;
export type NumberName = NameOf<'number'>;
export type Choice<N extends ChoiceName> = Extract<Entry, { name: N }>['values'][number];

export function entryOf(name: VariableName): Entry {
  const entry = ENV_TABLE.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`${name} is in no table`);
  return entry;
}

export function rangeOf(name: IntegerName | NumberName): { min: number; max: number } {
  const entry = entryOf(name);
  if (!('min' in entry)) throw new Error(`${name} has no range`);
  return entry;
}

export function choicesOf<N extends ChoiceName>(name: N): readonly [Choice<N>, ...Choice<N>[]];
export function choicesOf(name: ChoiceName): readonly [string, ...string[]] {
  const entry = entryOf(name);
  if (!('values' in entry)) throw new Error(`${name} has no choices`);
  return entry.values;
}
