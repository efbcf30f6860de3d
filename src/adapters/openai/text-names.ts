import { plainJson } from '../../entities/plain-json.js';

const NONE: ReadonlySet<string> = new Set();

/** Names under which servers wrap text that nobody reads. */
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
  /^(role|name|type|object|model|status|phase|channel|recipient|refusal|\w*(id|reason|signature|fingerprint|data))$|encrypted|prompt|input|search|error|filter/i;

/** Names and types of what is not text: reasoning, images, sources, tool calls. */
export const NO_TEXT =
  /think|reason|image|audio|video|file|document|reference|citation|tool|function/i;

/** Names of what servers send beside an answer. These may have texts of their own. */
const BESIDE =
  /^(_|x[_-])|annotation|cite|source|context|knowledge|retriev|logprob|usage|meta|debug|trace|extra|provider|vendor|param|detail|timing|moderation|guardrail|hook|safety|header|config|setting|plugin|info|warning|suggest|related|follow|quer|stop|log$/i;

/** Whether an object of an answer has text that was not read. `known`: names that were. */
export const hidesText = (object: Record<string, unknown>, known = NONE): boolean =>
  hasOtherText(object, known) || !hiddenTexts(object, known).next().done;

/** Whether a name that means text has a value. */
export function hasOtherText(
  object: Record<string, unknown>,
  known: ReadonlySet<string> = NONE,
): boolean {
  return Object.entries(object).some(([name, value]) => {
    if (known.has(name) || isEmpty(value)) return false;
    if (TEXT_KEYS.has(name)) return typeof value === 'string' || typeof value === 'object';
    const mayBeText = typeof value === 'string' || Array.isArray(value);
    return mayBeText && TEXT_NAME.test(name) && !isAbout(name);
  });
}

/** Whether a delta or a message has text under an unknown name. If there is no other text, it is the answer. */
export function hasStrangeWords(piece: unknown): boolean {
  if (!isObject(piece)) return false;
  return Object.entries(piece).some(
    ([name, value]) => typeof value === 'string' && value.trim() !== '' && !isBeside(name),
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

/** A chunk in a string. */
const CHUNK = /^\s*\{.*"(choices|delta|message|content)"\s*:/s;
const MOST_DEPTH = 8;

/**
 * Finds texts of an answer in unusual positions: in envelopes, beside the choices, in lists of messages. `known`: names
 * that were read already.
 */
export function* hiddenTexts(from: unknown, known = NONE, depth = 0): Generator<string> {
  if (depth > MOST_DEPTH || typeof from !== 'object' || from === null) return;
  if (Array.isArray(from)) {
    for (const entry of from) {
      if (typeof entry === 'object') yield* hiddenTexts(entry, NONE, depth + 1);
    }
    return;
  }
  if (isObject(from) && !isAnswer(from)) return;
  for (const [name, value] of Object.entries(from)) {
    if (known.has(name) || isEmpty(value) || isBeside(name)) continue;
    if (typeof value !== 'string') yield* hiddenTexts(value, NONE, depth + 1);
    else if (TEXT_NAME.test(name) || CHUNK.test(plainJson(value))) yield value;
  }
}

const isBeside = (name: string): boolean => name !== 'data' && (isAbout(name) || BESIDE.test(name));

/** The words of these roles are not the model's. */
const OTHERS = new Set(['user', 'system', 'developer', 'tool', 'function']);

const isAnswer = ({ role, type }: Record<string, unknown>): boolean =>
  !OTHERS.has(String(role)) && !(typeof type === 'string' && NO_TEXT.test(type));
