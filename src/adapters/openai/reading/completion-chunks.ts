import type { CompletionEnd, TokenCounts } from '../../../ports/completion-provider.js';
import { failure, quoting } from '../failures.js';
import { VendorFields } from '../requests/vendor-data.js';
import { hasStrangeWords, hiddenTexts, hidesText, isEmpty, isObject } from '../text-names.js';
import type { Chunks } from '../transport/consume-body.js';
import {
  bareData,
  isEndEvent,
  isWholeData,
  parseJson,
  saysDone,
  saysNothing,
} from './event-data.js';
import { FAILED, isReport, type OtherMessage, readOther } from './other-apis.js';
import { readReasoning } from './read-reasoning.js';
import { type Choice, readContent, readPiece, type Text, UNKNOWN } from './read-text.js';
import { readUsage } from './usage.js';

/** The fields read from a `chat.completion.chunk` or a whole `chat.completion`. None of them is trusted. */
interface Completion extends Record<string, unknown> {
  choices?: Choice[] | null;
}

const OPENING_BRACE = 0x7b;
const KNOWN_IN_CHUNK = new Set(['choices']);
const KNOWN_IN_CHOICE = new Set(['delta', 'message', 'text', 'content']);
const MAX_REASON_CHARS = 100;

/** Understands the data of one stream. Methods throw ProviderError, or what `onText` and `onReasoning` throw. */
export class CompletionChunks implements Chunks {
  readonly #onText: (text: string) => void;
  readonly #redact: (text: string) => string;
  readonly #onReasoning: (text: string) => void;
  #text = '';
  #reasoning = '';
  /** Pieces came as deltas, so a message after them repeats them. */
  #byDelta = false;
  /** Text came under an unknown name. */
  #strange: Choice | undefined;
  #finishReason: string | null = null;
  #usage: TokenCounts | null = null;
  #vendor: VendorFields | null = null;

  constructor(
    onText: (text: string) => void,
    redact: (text: string) => string,
    onReasoning: (text: string) => void = () => {},
  ) {
    this.#onText = onText;
    this.#redact = redact;
    this.#onReasoning = onReasoning;
  }

  /** The text that was passed on so far, the reasoning included. */
  get length(): number {
    return this.#text.length + this.#reasoning.length;
  }

  get finished(): boolean {
    return this.#finishReason !== null;
  }

  get end(): CompletionEnd {
    const vendor = this.#vendor?.data;
    return { finishReason: this.#finishReason, usage: this.#usage, ...(vendor && { vendor }) };
  }

  /** Takes the data of one event. True when the server says that the stream is complete. */
  take(data: string, event?: string): boolean {
    if (event !== undefined) {
      if (FAILED.test(event)) throw this.#reported(data);
      if (isEndEvent(event, data)) return this.takeDone();
    }
    if (data.charCodeAt(0) === OPENING_BRACE) return this.#takeJson(data);
    const bare = bareData(data);
    if (saysNothing(bare)) return false;
    return saysDone(bare) ? this.takeDone() : this.#takeJson(bare);
  }

  /** The stream has ended. Text without a finish reason ended normally. */
  takeDone(): boolean {
    if (this.#text !== '') this.#finishReason ??= 'stop';
    return true;
  }

  /** Takes the only JSON of a body, from a server that does not stream. */
  takeWhole(json: string): void {
    const answer = parseJson(json);
    if (answer === undefined) throw this.#broken(json);
    this.#takeValue(answer, json);
    this.closeWhole(answer);
  }

  /** The body was this single JSON document. An answer that announces nothing more is complete. */
  closeWhole(answer: unknown): void {
    const isPiece = !isObject(answer) || answer.object === 'chat.completion.chunk';
    if (!isPiece && !this.#byDelta && answer.done !== false) this.takeDone();
    if (!this.finished && this.#text === '') throw failure('broken', new Error('no completion'));
  }

  #takeJson(data: string): boolean {
    const chunk = parseJson(data);
    if (chunk !== undefined) return this.#takeValue(chunk, data);
    // Some servers leave out the blank lines between events.
    const lines = data.split('\n');
    if (lines.length === 1 || !lines.every(isWholeData)) throw this.#broken(data);
    return lines.some((line) => this.take(line));
  }

  #takeValue(value: unknown, data: string): boolean {
    if (isObject(value)) return this.#takeChunk(value, data);
    if (!Array.isArray(value) || !value.every(isObject)) throw this.#broken(data);
    return value.some((chunk) => this.#takeChunk(chunk, data));
  }

  #takeChunk(chunk: Completion, data: string): boolean {
    if (chunk.error || chunk.object === 'error') this.#throwReport(chunk, data);
    const { choices } = chunk;
    if (chunk.usage) this.#usage = readUsage(chunk.usage) ?? this.#usage;
    if (!Array.isArray(choices)) return this.#takeOther(chunk, data);
    const choice = choices.length === 1 && !choices[0]?.index ? choices[0] : firstOf(choices);
    const known = this.length;
    if (choice) this.#takeChoice(choice, data);
    else this.#throwReport(chunk, data);
    if (this.length === known) this.#requireKnown(chunk);
    return false;
  }

  /** The fields around the choices may only repeat what was said. */
  #requireKnown(chunk: Completion): void {
    for (const text of hiddenTexts(chunk, KNOWN_IN_CHUNK)) {
      if (!this.#text.includes(text.trim())) throw this.#unknown(chunk);
    }
  }

  #takeChoice(choice: Choice, data: string): void {
    const { delta } = choice;
    const content = delta?.content;
    if (typeof content === 'string' && content !== '' && !delta?.refusal && !choice.error) {
      if (delta?.reasoning_content || delta?.reasoning) this.#reason(delta);
      this.#passOnDelta(content);
    } else this.#takeOddChoice(choice, data);
    if (choice.finish_reason) this.#finish(choice.finish_reason, data);
  }

  /** The fields have an order of precedence, because some servers fill in more than one. */
  #takeOddChoice(choice: Choice, data: string): void {
    if (!isObject(choice)) throw this.#broken(data);
    if (!isEmpty(choice.error) || !isEmpty(choice.delta?.error)) throw this.#reported(data);
    if (choice.usage) this.#usage = readUsage(choice.usage) ?? this.#usage;
    this.#reason(choice.delta);
    if (choice.delta?.reasoning_details || choice.delta?.extra_content) this.#keep(choice.delta);
    const piece = this.#known(readPiece(choice.delta), choice);
    if (piece !== '') this.#passOnDelta(piece);
    else this.#takeMessage(choice);
  }

  #takeMessage(choice: Choice): void {
    this.#reasonRest(readReasoning(choice.message ?? choice));
    if (!this.#byDelta) this.#keep(choice.message);
    const message = this.#known(readPiece(choice.message), choice);
    const words = choice.text ?? choice.content ?? choice.refusal;
    const text = message || this.#known(readContent(words), choice);
    if (text === '') {
      if (hidesText(choice, KNOWN_IN_CHOICE)) throw this.#unknown(choice);
      const piece = choice.delta ?? choice.message;
      if (hasStrangeWords(piece) || hasStrangeWords(choice)) this.#strange = choice;
    } else if (this.#byDelta) this.#passOnRest(text, choice);
    else this.#passOn(text);
  }

  #takeOther(chunk: Completion, data: string): boolean {
    this.#throwReport(chunk, data);
    const other = readOther(chunk);
    if (other) return this.#takeOtherMessage(other, chunk);
    if (!isEmpty(chunk.choices) || hidesText(chunk)) throw this.#unknown(chunk);
    return false;
  }

  #takeOtherMessage(message: OtherMessage, from: Choice): boolean {
    const { text, said, whole, reasoning, wholeReasoning, usage, finishReason } = message;
    if (reasoning) this.#passOnReasoning(reasoning);
    if (wholeReasoning) this.#reasonRest(wholeReasoning);
    if (text) this.#passOn(this.#known(text, from));
    if (said) this.#passOnSaid(this.#known(said, from), from);
    if (whole) this.#passOnRest(this.#known(whole, from), from);
    this.#usage = usage ?? this.#usage;
    if (finishReason === undefined) return false;
    this.#finish(finishReason, finishReason);
    return true;
  }

  #finish(given: unknown, data: string): void {
    const reason = isObject(given) ? given.type : given;
    if (typeof reason !== 'string' || reason === '' || reason === 'null') return;
    if (FAILED.test(reason)) throw this.#reported(data);
    if (this.#text === '' && this.#strange) throw this.#unknown(this.#strange);
    this.#finishReason = reason.replaceAll('\0', '').slice(0, MAX_REASON_CHARS);
  }

  #passOnDelta(text: string): void {
    this.#byDelta = true;
    this.#passOn(text);
  }

  #keep(piece: unknown): void {
    this.#vendor ??= new VendorFields();
    this.#vendor.take(piece);
  }

  #reason(piece: unknown): void {
    const text = readReasoning(piece);
    if (text !== '') this.#passOnReasoning(text);
  }

  /** A message may repeat what came in deltas. */
  #reasonRest(whole: string): void {
    const known = this.#reasoning.length;
    if (whole.startsWith(this.#reasoning) && whole.length > known) {
      this.#passOnReasoning(whole.slice(known));
    }
  }

  #passOnReasoning(text: string): void {
    this.#reasoning += text;
    this.#onReasoning(text);
  }

  #passOn(text: string): void {
    this.#text += text;
    this.#onText(text);
  }

  /**
   * Passes on the new part of an answer that is repeated from its beginning. A delta beside it has the new part itself.
   */
  #passOnRest(whole: string, from: Choice): void {
    if (whole === '' || whole.trim() === this.#text.trim()) return;
    const known = this.#text.length;
    if (whole.length > known && whole.startsWith(this.#text)) this.#passOn(whole.slice(known));
    else if (!from.delta) throw this.#unknown(from);
  }

  /** Takes a whole part of the answer. Its pieces came before, unless the server sends none. */
  #passOnSaid(part: string, from: Choice): void {
    if (this.#text.includes(part)) return;
    if (!part.startsWith(this.#text)) throw this.#unknown(from);
    this.#passOn(part.slice(this.#text.length));
  }

  #known(text: Text, from: object): string {
    if (text === UNKNOWN) throw this.#unknown(from);
    return text;
  }

  #throwReport(chunk: Completion, data: string): void {
    if (isReport(chunk)) throw this.#reported(data);
  }

  /** The log gets only the shape, because the part that was not understood is a user's text. */
  #unknown(from: object): Error {
    const shape = Object.entries(from).map(([name, value]) => `${name}: ${kindOf(value)}`);
    return failure('broken', new Error(`text in an unknown shape: ${shape}`.slice(0, 500)));
  }

  #broken(data: string): Error {
    return quoting('broken', this.#redact(data.slice(0, 500)));
  }

  #reported(data: string): Error {
    return quoting('reported', this.#redact(data.slice(0, 500)));
  }
}

/** Further choices, which were not requested, are other answers. Without an index the position counts. */
function firstOf(choices: Choice[]): Choice | undefined {
  return choices.find((choice, place) => {
    const index = isObject(choice) ? (choice.index ?? place) : null;
    return index === 0 || index === '0';
  });
}

const kindOf = (value: unknown) =>
  isObject(value) ? `{${Object.keys(value)}}` : Array.isArray(value) ? 'array' : typeof value;
