import { hasOtherText, hidesText, isEmpty, isObject, NO_TEXT } from '../text-names.js';

/** A delta or a message as the server sent it. Nothing in it is trusted. */
export interface Delta {
  content?: unknown;
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_details?: unknown;
  extra_content?: unknown;
  error?: unknown;
}

/** A choice as the server sent it. Nothing in it is trusted. */
export interface Choice extends Record<string, unknown> {
  index?: unknown;
  delta?: Delta | null;
  message?: unknown;
  text?: unknown;
  content?: unknown;
  refusal?: unknown;
  finish_reason?: unknown;
  error?: unknown;
  usage?: unknown;
}

/** Text in an unknown shape, which would be lost. */
export const UNKNOWN: unique symbol = Symbol('unknown shape');
export type Text = string | typeof UNKNOWN;

/** Types of parts whose texts are not the answer's. */
const OTHER_TEXT = /think|reason|citation|tool_|function_/i;

/** Text parts that may be empty. */
const EMPTY_TEXT = /^(text|output_text|input_text|refusal)$/;

const PART_KEYS = ['text', 'refusal', 'value', 'content'] as const;

const KNOWN_IN_PIECE = new Set(['content', 'text']);

/** The text of a `delta` or a `message`: its content, then its refusal. */
export function readPiece(piece: unknown): Text {
  if (!isObject(piece)) return readContent(piece);
  const content = readContent(piece.content);
  const text = content === '' ? readContent(piece.text ?? heardOf(piece.audio)) : content;
  const refusal = readContent(piece.refusal);
  if (text === UNKNOWN || refusal === UNKNOWN) return UNKNOWN;
  const all = text + refusal;
  return all === '' && hidesText(piece, KNOWN_IN_PIECE) ? UNKNOWN : all;
}

/** Audio comes with its transcript. */
const heardOf = (audio: unknown): unknown => (isObject(audio) ? audio.transcript : undefined);

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
  if (OTHER_TEXT.test(type)) return '';
  if (NO_TEXT.test(type)) return readContent(heardOf(part)) || (isEmpty(part.text) ? '' : UNKNOWN);
  for (const name of PART_KEYS) {
    const value = part[name];
    if (typeof value === 'string') return value;
    if (isObject(value) && typeof value.value === 'string') return value.value;
    if (!isEmpty(value)) return UNKNOWN;
  }
  return (isEmpty(part) || EMPTY_TEXT.test(type)) && !hasOtherText(part) ? '' : UNKNOWN;
}
