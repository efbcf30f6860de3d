import { type Schema, SHAPES } from '../json-schema.js';
import { Html, html, words } from './html.js';
import type { PageTexts } from './texts.js';

const joined = (parts: readonly Html[], between: string): Html => new Html(parts.join(between));

const value = (one: unknown): Html =>
  html`<code>${one === null ? 'null' : JSON.stringify(one)}</code>`;

/** The type of a value in a few words, with links to shapes. */
export function typeOf(schema: Schema, texts: PageTexts): Html {
  const { $ref, anyOf, oneOf, enum: all, type, format, items } = schema;
  const or = `<span class="or">${texts.or}</span>`;
  if ($ref) {
    const name = $ref.slice(SHAPES.length);
    return html`<a href="#${name}">${name}</a>`;
  }
  if (all) return joined(all.map(value), or);
  if (schema.const !== undefined) return value(schema.const);
  const choices = anyOf ?? oneOf;
  if (choices)
    return joined(
      choices.map((one) => typeOf(one, texts)),
      or,
    );
  if (type === 'array') return html`${typeOf(items ?? {}, texts)}[]`;
  if (format === 'date-time') return html`${texts.time}${Array.isArray(type) && `${texts.or}null`}`;
  if (!type) return html`${texts.any}`;
  return html`${[type].flat().join(texts.or)}`;
}

/** The limits of a value. Those that every value of the kind has are left out. */
function limitsOf(schema: Schema, { range, atMost }: PageTexts): string {
  const { minimum, maximum, minLength = 0, maxLength, maxItems, type } = schema;
  if (maxLength !== undefined)
    return minLength > 1 ? range(minLength, maxLength, true) : atMost(maxLength, true);
  if (maxItems !== undefined && type === 'array') return atMost(maxItems, false);
  if (maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER) return '';
  return range(minimum ?? 0, maximum, false);
}

/** The object behind lists and null, if it has no name of its own. */
function innerOf(schema: Schema): Schema | null {
  if (schema.properties) return schema;
  if (schema.items) return innerOf(schema.items);
  const choices = (schema.anyOf ?? []).filter(({ type }) => type !== 'null');
  const [only] = choices;
  return choices.length === 1 && only ? innerOf(only) : null;
}

function field(name: string, schema: Schema, mark: string, texts: PageTexts, marks: Marks): Html {
  const limits = limitsOf(schema, texts);
  const inner = innerOf(schema);
  return html`<div class="field"><dt><code>${name}</code>${
    mark && html`<span class="required">${mark}</span>`
  }<span class="type">${inner && !schema.items && schema.type !== 'array' ? html`object` : typeOf(schema, texts)}</span>${
    limits && html`<span class="limits">${limits}</span>`
  }</dt><dd>${schema.description && words(texts.said(schema.description))}${inner && fields(inner, texts, marks)}</dd></div>`;
}

/** The fields that have a mark: those that must be sent, or those that may be missing in what comes. */
export type Marks = 'required' | 'optional' | 'none';

/** All fields of an object. */
export function fields(schema: Schema, texts: PageTexts, marks: Marks): Html {
  const { properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(([name, part]) => {
    const isMarked = marks !== 'none' && required.includes(name) === (marks === 'required');
    return field(name, part, isMarked ? texts[marks] : '', texts, marks);
  });
  return html`<dl class="fields">${rows}</dl>`;
}

/** The response: fields, or the name of a shape. */
export function result(schema: Schema, texts: PageTexts): Html {
  if (!schema.properties) return html`<p class="result">${typeOf(schema, texts)}</p>`;
  return fields(schema, texts, 'optional');
}
