import { plainJson } from '../../../entities/plain-json.js';
import type { TokenCounts } from '../../../ports/completion-provider.js';
import type { RawRequest } from '../../../ports/raw-completions.js';
import type { Tokenizer } from '../../../ports/tokenizer.js';
import { MESSAGE_OVERHEAD } from './prompt.js';

/** Matches a field whose string is tokens of an answer, up to the beginning of the string. */
const SAID = /(?<!\\)"(?:content|reasoning_content|reasoning|refusal|arguments|text)"\s*:\s*"/g;
const QUOTE = '"';
const BACKSLASH = 0x5c;

/**
 * The text that the model says in an event or in a whole answer, in JSON's escapes. It is found without parsing the
 * JSON: inside a text all quotes are escaped, so no text looks like the name of a field.
 */
export function saidIn(given: string): string {
  const json = plainJson(given);
  let said = '';
  for (const { 0: name, index } of json.matchAll(SAID)) {
    const from = index + name.length;
    const end = endOfString(json, from);
    if (end >= 0) said += json.slice(from, end);
  }
  return said;
}

/** The place of the quote that is not escaped. */
function endOfString(json: string, from: number): number {
  for (let end = json.indexOf(QUOTE, from); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** The text behind JSON's escapes. A server that escapes wrongly is counted by its escapes. */
export function unescaped(said: string): string {
  if (!said.includes('\\')) return said;
  try {
    return String(JSON.parse(`"${said}"`));
  } catch {
    return said;
  }
}

/** Texts are counted when somebody asks, or when this many characters wait. */
const MOST_CHARS = 1_048_576;

/** Counts the tokens of an answer that nobody else may count. */
export class SaidTokens {
  readonly #tokenizer: Tokenizer;
  #text = '';
  #tokens = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** `json`: an event, or a whole answer. Returns what it says, in JSON's escapes. */
  hear(json: string): string {
    const said = saidIn(json);
    this.#text += said;
    if (this.#text.length > MOST_CHARS) this.#count();
    return said;
  }

  get tokens(): number {
    this.#count();
    return this.#tokens;
  }

  #count(): void {
    if (this.#text !== '') this.#tokens += this.#tokenizer.count(unescaped(this.#text));
    this.#text = '';
  }
}

/** Images and other media count alike: only the model server knows what they cost. */
const MEDIA_TOKENS = 1_000;

export interface RawPrompt {
  text: string;
  /** The tokens of parts that are not text. */
  otherTokens: number;
}

/** Everything that the model reads, as far as this server understands it. Nothing in a body is trusted. */
export function promptIn({
  messages,
  tools,
  response_format: format,
}: RawRequest['body']): RawPrompt {
  const texts: string[] = [];
  let otherTokens = 0;
  for (const message of Array.isArray(messages) ? messages : []) {
    otherTokens += MESSAGE_OVERHEAD;
    const { content, tool_calls: calls } = Object(message) as Record<string, unknown>;
    for (const part of Array.isArray(content) ? content : [content]) {
      const text = typeof part === 'string' ? part : Object(part).text;
      if (typeof text === 'string') texts.push(text);
      else if (part !== null && part !== undefined) otherTokens += MEDIA_TOKENS;
    }
    if (calls !== undefined) texts.push(JSON.stringify(calls));
  }
  for (const part of [tools, format]) if (part !== undefined) texts.push(JSON.stringify(part));
  return { text: texts.join('\n'), otherTokens };
}

export const promptTokensOf = (body: RawRequest['body'], tokenizer: Tokenizer): number => {
  const { text, otherTokens } = promptIn(body);
  return tokenizer.count(text) + otherTokens;
};

/** No model says more, and the numbers are small enough to add up. */
const MOST_TOKENS = 1_000_000_000_000;

/** Null: nothing in the body limits the answers. Of two limits a server may know only the larger one. */
export function maxTokensOf(body: RawRequest['body']): number | null {
  const { max_completion_tokens, max_tokens, n } = body;
  const given = [max_completion_tokens, max_tokens].filter(isCount);
  if (given.length === 0) return null;
  return Math.min(Math.max(...given) * (isCount(n) && n > 1 ? n : 1), MOST_TOKENS);
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** The usage is counted here, because the model server sent none. */
export const countedUsage = (prompt_tokens: number, completion_tokens: number): TokenCounts => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  cached_tokens: 0,
  reasoning_tokens: 0,
  estimated: true,
});
