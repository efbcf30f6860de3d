/** All of this comes from a server and is not trusted. */
export interface Delta {
  content?: unknown;
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_details?: unknown;
  extra_content?: unknown;
}

/** The same holds for this. */
export interface Choice extends Record<string, unknown> {
  index?: unknown;
  delta?: Delta | null;
  message?: unknown;
  text?: unknown;
  content?: unknown;
  finish_reason?: unknown;
  error?: unknown;
  usage?: unknown;
}

/** Text in an unknown shape, which would be lost. */
export const UNKNOWN: unique symbol = Symbol('unknown shape');
export type Text = string | typeof UNKNOWN;

/** Names under which servers wrap text that this file does not read. */
const TEXT_KEYS = new Set([
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
]);

/** Other names whose last word means text: `contents`, `answer_text`, `finalReply`. */
const TEXT_NAME =
  /(^|[_-]|(?<=[a-z])(?=[A-Z]))(text|content|answer|reply|response|completion|output|markdown|transcript)s?$/i;

/** Names in a delta or a message that describe a text, or are not part of it. */
const ABOUT =
  /^(role|name|type|object|model|status|phase|channel|recipient|refusal|\w*(id|reason|signature|fingerprint|encrypted|data))$|prompt|input|search|error|filter/i;

/** Parts of a content that are not text: reasoning, images, sources, tool calls. */
const NO_TEXT = /think|reason|image|audio|video|file|document|reference|citation|tool|function/i;

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
  return all === '' && hasOtherText(piece, KNOWN_IN_PIECE) ? UNKNOWN : all;
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
  if (NO_TEXT.test(type)) return '';
  for (const name of PART_KEYS) {
    const value = part[name];
    if (typeof value === 'string') return value;
    if (isObject(value) && typeof value.value === 'string') return value.value;
    if (!isEmpty(value)) return UNKNOWN;
  }
  return (isEmpty(part) || EMPTY_TEXT.test(type)) && !hasOtherText(part) ? '' : UNKNOWN;
}

/** A name that means text has a value. */
export function hasOtherText(
  object: Record<string, unknown>,
  known: ReadonlySet<string> = new Set(),
): boolean {
  return Object.entries(object).some(([name, value]) => {
    if (known.has(name) || isEmpty(value)) return false;
    if (TEXT_KEYS.has(name)) return typeof value === 'string' || typeof value === 'object';
    const mayBeText = typeof value === 'string' || Array.isArray(value);
    return mayBeText && TEXT_NAME.test(name) && !isAbout(name);
  });
}

/** A delta or a message has text under an unknown name. If there is no other text, it is the answer. */
export function hasStrangeWords(piece: unknown): boolean {
  if (!isObject(piece)) return false;
  return Object.entries(piece).some(
    ([name, value]) => typeof value === 'string' && value.trim() !== '' && !isAbout(name),
  );
}

const isAbout = (name: string): boolean => ABOUT.test(name) || NO_TEXT.test(name);

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (typeof value !== 'object') return false;
  return Object.keys(value).length === 0;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
