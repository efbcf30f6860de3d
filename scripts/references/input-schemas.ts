import type Joi from 'joi';
import type { Schema } from './json-schema.js';

/** The parts of `schema.describe()` that joi does not put into its JSON schema. */
interface Description {
  flags?: { presence?: string };
  keys?: Record<string, Description>;
  items?: Description[];
  examples?: unknown[];
  metas?: { schema?: Schema }[];
}

/** A schema of joi as the JSON schema of the input. Unknown keys are ignored, so they are allowed. */
export function inputSchema(schema: Joi.Schema): Schema {
  const { jsonSchema } = schema['~standard'] as unknown as {
    jsonSchema: { input(options: object): Schema };
  };
  return mended(jsonSchema.input({}), schema.describe() as Description);
}

/** Adds examples and the demands of custom rules, and removes details that only joi needs. */
function mended(json: Schema, { keys = {}, items = [], examples, metas }: Description): Schema {
  const { additionalProperties: _, properties, items: entries, ...rest } = json;
  const inner = Object.entries(properties ?? {}).map(([key, value]) => [
    key,
    mended(value, keys[key] ?? {}),
  ]);
  const [item] = items;
  return {
    ...rest,
    ...Object.assign({}, ...(metas ?? []).map(({ schema }) => schema ?? {})),
    ...(properties && { properties: Object.fromEntries(inner) }),
    ...(entries && { items: mended(entries, item ?? {}) }),
    ...(examples && { examples }),
  };
}

/** The same with the words that the contract has for its keys. */
export function described(schema: Schema, words: Record<string, string>): Schema {
  const entries = Object.entries(schema.properties ?? {}).map(([key, value]): [string, Schema] => {
    const said = words[key];
    return [key, said ? { ...value, description: said } : value];
  });
  return { ...schema, ...(schema.properties && { properties: Object.fromEntries(entries) }) };
}

/** A short value that the schema accepts: its required keys, or the first that has an example if it requires none. */
export function exampleOf(schema: Schema): unknown {
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
  if (schema.type === 'array') return [];
  return schema.type === 'object' ? objectExample(schema) : 'text';
}

function objectExample({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  const optional = Object.keys(properties).find((key) => properties[key]?.examples);
  const shown = required.length > 0 ? required : optional ? [optional] : [];
  return Object.fromEntries(shown.map((key) => [key, exampleOf(properties[key] ?? {})]));
}
