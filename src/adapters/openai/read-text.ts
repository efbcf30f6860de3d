/** Everything here is what a server sent; nothing of it is trusted. */
export interface Choice extends Record<string, unknown> {
  index?: unknown;
  delta?: { content?: unknown; refusal?: unknown } | null;
  message?: unknown;
  text?: unknown;
  content?: unknown;
  finish_reason?: unknown;
  error?: unknown;
  usage?: unknown;
}

/** Text in a shape that is not known: what it says would be lost. */
export const UNKNOWN: unique symbol = Symbol('unknown shape');
export type Text = string | typeof UNKNOWN;

/** Names under which servers wrap text that nothing here reads. */
const TEXT_KEYS = [
  'answer',
  'candidates',
  'choice',
  'completion',
  'content',
  'content_block',
  'data',
  'delta',
  'generated_text',
  'message',
  'output',
  'output_text',
  'parts',
  'response',
  'result',
  'text',
  'token',
  'value',
];

/** Parts of a content that are no text: thoughts, pictures, sources, calls of tools. */
const NO_TEXT = /think|reason|image|audio|video|file|document|reference|citation|tool|function/i;

/** Parts that are text, but may carry none. */
const EMPTY_TEXT = /^(text|output_text|input_text|refusal)$/;

const PART_KEYS = ['text', 'refusal', 'value', 'content'] as const;

const KNOWN_IN_PIECE = new Set(['content', 'text']);

/** Of a `delta` or a `message`: its content, then its refusal. */
export function readPiece(piece: unknown): Text {
  if (!isObject(piece)) return readContent(piece);
  const content = readContent(piece.content);
  const text = content === '' ? readContent(piece.text) : content;
  const refusal = readContent(piece.refusal);
  if (text === UNKNOWN || refusal === UNKNOWN) return UNKNOWN;
  const all = text + refusal;
  return all === '' && hasOtherText(piece, KNOWN_IN_PIECE) ? UNKNOWN : all;
}

/** A string, or parts of one: `[{"type": "text", "text": "…"}]`, one such part, `{"value": "…"}`. */
export function readContent(content: unknown): Text {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) return readPart(content);
  let text = '';
  for (const part of content) {
    const read = typeof part === 'string' ? part : readPart(part);
    if (read === UNKNOWN) return UNKNOWN;
    text += read;
  }
  return text;
}

function readPart(part: unknown): Text {
  if (!isObject(part)) return UNKNOWN;
  const type = typeof part.type === 'string' ? part.type : '';
  if (NO_TEXT.test(type)) return '';
  for (const name of PART_KEYS) {
    const value = part[name];
    if (typeof value === 'string') return value;
    if (isObject(value) && typeof value.value === 'string') return value.value;
    if (!isEmpty(value)) return UNKNOWN;
  }
  return (isEmpty(part) || EMPTY_TEXT.test(type)) && !hasOtherText(part) ? '' : UNKNOWN;
}

/** Something is filled in under a name that stands for text. */
export function hasOtherText(
  object: Record<string, unknown>,
  known: ReadonlySet<string> = new Set(),
): boolean {
  return TEXT_KEYS.some((name) => {
    const value = object[name];
    const mayBeText = typeof value === 'string' || typeof value === 'object';
    return mayBeText && !known.has(name) && !isEmpty(value);
  });
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (typeof value !== 'object') return false;
  return Object.keys(value).length === 0;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
