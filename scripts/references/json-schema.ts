/** A JSON Schema of 2020-12, as far as the references use it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  default?: unknown;
  examples?: unknown[];
}

export const SHAPES = '#/components/schemas/';

/** Names of the shapes that a value refers to, directly or through others. */
export function shapesIn(value: unknown, shapes: Record<string, Schema>): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const to = Reflect.get(part, '$ref');
    if (typeof to === 'string' && to.startsWith(SHAPES)) {
      const name = to.slice(SHAPES.length);
      if (found.has(name)) return;
      found.add(name);
      visit(shapes[name]);
    }
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(value);
  return found;
}

/** The shapes that the value needs, by name. */
export function needed(value: unknown, shapes: Record<string, Schema>): Record<string, Schema> {
  const names = [...shapesIn(value, shapes)].sort();
  return Object.fromEntries(names.map((name) => [name, shapes[name] ?? {}]));
}
