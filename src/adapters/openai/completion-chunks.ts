import type { Usage } from '../../contract/rest.js';
import type { CompletionEnd } from '../../ports/completion-provider.js';
import { failure } from './failures.js';

/** What is read of a `chat.completion.chunk` or a whole `chat.completion`; nothing of it is trusted. */
interface Completion {
  object?: unknown;
  error?: unknown;
  choices?: Choice[] | null;
  usage?: Partial<Record<keyof Usage, unknown>> | null;
}

interface Choice {
  index?: number;
  delta?: Piece | null;
  message?: Piece | null;
  finish_reason?: unknown;
}

interface Piece {
  content?: unknown;
  refusal?: unknown;
}

/** Understands the data of one stream. Methods throw ProviderError, or what `onText` throws. */
export class CompletionChunks {
  readonly #onText: (text: string) => void;
  readonly #redact: (text: string) => string;
  #hasText = false;
  #finishReason: string | null = null;
  #usage: Usage | null = null;

  constructor(onText: (text: string) => void, redact: (text: string) => string) {
    this.#onText = onText;
    this.#redact = redact;
  }

  /** Some has been passed on. */
  get hasText(): boolean {
    return this.#hasText;
  }

  get finished(): boolean {
    return this.#finishReason !== null;
  }

  get end(): CompletionEnd {
    return { finishReason: this.#finishReason, usage: this.#usage };
  }

  /** Takes the data of one event; true when nothing more is to be waited for. */
  take(data: string, event?: string): boolean {
    if (data === '[DONE]') return true;
    const chunk = this.#parse(data);
    if (event === 'error') throw this.#reported(data);
    this.#takeChunk(chunk, data);
    return this.finished && this.#usage !== null;
  }

  /** Takes a whole `chat.completion`, from a server that does not stream. */
  takeWhole(json: string): CompletionEnd {
    const completion = this.#parse(json);
    if (!completion.choices && !completion.error) throw this.#broken(json);
    this.#takeChunk(completion, json);
    return this.end;
  }

  #takeChunk(chunk: Completion, data: string): void {
    if (chunk.error || chunk.object === 'error') throw this.#reported(data);
    if (chunk.usage) this.#usage = readUsage(chunk.usage) ?? this.#usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    const text = readText(choice.delta ?? choice.message);
    if (text !== '') this.#passOn(text);
    const reason = choice.finish_reason;
    if (typeof reason === 'string' && reason !== '') this.#finishReason = reason;
  }

  #passOn(text: string): void {
    this.#hasText = true;
    this.#onText(text);
  }

  #parse(data: string): Completion {
    try {
      const value: unknown = JSON.parse(data);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // Reported below like any other nonsense.
    }
    throw this.#broken(data);
  }

  #broken(data: string): Error {
    return failure('broken', new Error(this.#redact(data.slice(0, 500))));
  }

  #reported(data: string): Error {
    return failure('reported', new Error(this.#redact(data.slice(0, 500))));
  }
}

function readText(piece: Piece | null | undefined): string {
  if (typeof piece?.content === 'string') return piece.content;
  return typeof piece?.refusal === 'string' ? piece.refusal : '';
}

function readUsage(usage: NonNullable<Completion['usage']>): Usage | null {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (!isCount(prompt) || !isCount(completion)) return null;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: isCount(usage.total_tokens) ? usage.total_tokens : prompt + completion,
    estimated: false,
  };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
