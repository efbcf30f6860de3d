import { ESCAPED_LETTER } from '../../../entities/plain-json.js';
import type { CompletionEnd, TokenCounts } from '../../../ports/completion-provider.js';
import type { RawEnd } from '../../../ports/raw-completions.js';
import { failure } from '../failures.js';
import {
  bareData,
  isEndEvent,
  isWholeData,
  parseJson,
  saysDone,
  saysNothing,
} from '../reading/event-data.js';
import { FAILED } from '../reading/other-apis.js';
import { readUsage } from '../reading/usage.js';
import { isObject } from '../text-names.js';
import type { Chunks } from '../transport/consume-body.js';
import { type Fields, hasDeltas, hasMessages, toChunk } from './whole-answers.js';

export interface RawOptions {
  /** Gets the JSON text of every event that is passed on, or of the whole answer. */
  onChunk(json: string): void;
  /** Answers that were asked for: a stream is complete when all of them are. */
  choices: number;
  /** Whether the client wants the event that has only the usage. */
  showsUsage: boolean;
  /** Reads the answer if this server has to understand it. It gets everything that was passed on. */
  reader: Chunks | null;
  /** The error for what the server reports in the middle of an answer. */
  reported(error: unknown): Error;
}

const OPENING_BRACE = 0x7b;
/**
 * An event without any of these is passed on unread. Quotes are escaped in texts, so no text looks like one of these.
 */
const TELLING_NAME =
  /"(?:usage"\s*:\s*\{|finish_reason"\s*:\s*"|error"\s*:\s*[^\sn]|object"\s*:\s*"error")/;
const TELLING = new RegExp(`${TELLING_NAME.source}|${ESCAPED_LETTER.source}`);

/** Passes an answer on as it comes. It understands only the end and the usage. */
export class RawChunks implements Chunks {
  protected readonly options: RawOptions;
  #passed = 0;
  #usage: TokenCounts | null = null;
  #finishReason: string | null = null;
  readonly #ended = new Set<unknown>();
  /** The server marked the answer as complete. */
  #isDone = false;

  constructor(options: RawOptions) {
    this.options = options;
  }

  /** Grows with every event, except for the first, which often has only a role. */
  get length(): number {
    return Math.max(0, this.#passed - 1);
  }

  get finished(): boolean {
    return this.#finishReason !== null && this.#ended.size >= this.options.choices;
  }

  get end(): CompletionEnd & RawEnd {
    const isWhole = this.#isDone || this.finished;
    return { usage: this.#usage, finishReason: isWhole ? this.#finishReason : null };
  }

  take(data: string, event?: string): boolean {
    const isLast = this.#take(data, event);
    this.options.reader?.take(data, event);
    return isLast;
  }

  #take(data: string, event?: string): boolean {
    if (event !== undefined) {
      if (FAILED.test(event)) throw this.options.reported(parseJson(data));
      if (isEndEvent(event, data)) return this.#takeDone();
    }
    if (data.charCodeAt(0) === OPENING_BRACE) return this.#takeJson(data);
    const bare = bareData(data);
    if (saysNothing(bare)) return false;
    return saysDone(bare) ? this.#takeDone() : this.#takeJson(bare);
  }

  takeWhole(json: string): void {
    const answer = parseJson(json);
    if (!isObject(answer)) throw failure('broken', new Error('the answer is no JSON object'));
    this.takeAnswer(answer, json);
    this.#close(answer);
    this.options.reader?.takeWhole(json);
  }

  closeWhole(answer: unknown): void {
    this.#close(answer);
    this.options.reader?.closeWhole(answer);
  }

  #close(answer: unknown): void {
    if (!isObject(answer) || !Array.isArray(answer.choices)) {
      throw failure('broken', new Error('no completion'));
    }
    if (!hasDeltas(answer)) this.#takeDone();
  }

  /** An event, or a whole answer from a server that does not stream. */
  protected takeAnswer(answer: Fields, json: string): void {
    if (!this.note(answer)) return;
    this.count();
    this.options.onChunk(hasMessages(answer) ? JSON.stringify(toChunk(answer)) : json);
  }

  /** One more event was taken. */
  protected count(): void {
    this.#passed += 1;
  }

  /** Notes usage and ends. False for an event that the client has not asked for. */
  protected note(chunk: Fields): boolean {
    if (chunk.error || chunk.object === 'error') throw this.options.reported(chunk.error ?? chunk);
    const { choices } = chunk;
    const usage = readUsage(chunk.usage);
    this.#usage = usage ?? this.#usage;
    if (!Array.isArray(choices)) return true;
    for (const [i, choice] of choices.entries()) this.#noteChoice(choice, i);
    return choices.length > 0 || usage === null || this.options.showsUsage;
  }

  #noteChoice(choice: unknown, place: number): void {
    if (!isObject(choice)) return;
    const { index = place, finish_reason: reason } = choice;
    if (typeof reason !== 'string' || reason === '') return;
    this.#ended.add(index);
    if (index === 0 || this.#finishReason === null) this.#finishReason = reason;
  }

  #takeDone(): boolean {
    this.#isDone = true;
    if (this.#passed > 0) this.#finishReason ??= 'stop';
    return true;
  }

  #takeJson(data: string): boolean {
    const isSure = !data.includes('\n') || parseJson(data) !== undefined;
    if (!isSure) return this.#takeLines(data.split('\n'));
    const chunk = this.mustRead(data) ? parseJson(data) : undefined;
    if (isObject(chunk)) this.takeAnswer(chunk, data);
    else this.takeUnread(data);
    return false;
  }

  protected mustRead(data: string): boolean {
    return TELLING.test(data);
  }

  protected takeUnread(data: string): void {
    this.count();
    this.options.onChunk(data);
  }

  /** Some servers leave out the blank lines between events. */
  #takeLines(lines: string[]): boolean {
    if (!lines.every(isWholeData)) throw failure('broken', new Error('an event is no JSON'));
    return lines.some((line) => this.#take(line));
  }
}
