import { failure } from '../failures.js';
import { CompletionChunks } from '../reading/completion-chunks.js';
import { RawChunks } from './raw-chunks.js';
import { type Fields, hasDeltas, hasMessages, JoinedAnswer, toChunk } from './whole-answers.js';

/** The client wants the answer as a stream. */
export class EventChunks extends RawChunks {
  close(): void {}
}

/** Events that are joined to one answer, in characters of JSON. Most of them repeat what is kept once. */
const MOST_CHARS = 67_108_864;

/** The client wants the answer in one piece. */
export class WholeChunks extends RawChunks {
  #only: { piece: Fields; json: string } | null = null;
  #joined: JoinedAnswer | null = null;
  #hasDeltas = false;
  #chars = 0;
  readonly #heard = new HeardText();

  override take(data: string, event?: string): boolean {
    const isLast = super.take(data, event);
    this.#heard.take(data, event);
    return isLast;
  }

  /** The stream has ended. */
  close(): void {
    const { onChunk } = this.options;
    if (this.#joined) {
      const json = JSON.stringify(this.#joined.answer);
      this.#heard.requireAll(json);
      onChunk(json);
    } else if (this.#only) onChunk(this.#only.json);
  }

  protected override mustRead(): boolean {
    return true;
  }

  protected override takeUnread(): void {
    throw failure('broken', new Error('the answer is no JSON object'));
  }

  protected override takeAnswer(answer: Fields, json: string): void {
    this.#chars += json.length;
    if (this.#chars > MOST_CHARS) throw failure('too_large');
    this.note(answer);
    this.count();
    // A message after deltas repeats them.
    const piece = hasMessages(answer) && !this.#hasDeltas ? toChunk(answer) : answer;
    if (hasDeltas(answer)) this.#hasDeltas = true;
    if (!this.#joined && !this.#only && !this.#hasDeltas) this.#only = { piece, json };
    else this.#join(piece);
  }

  #join(piece: Fields): void {
    if (!this.#joined) {
      this.#joined = new JoinedAnswer();
      if (this.#only) this.#joined.add(this.#only.piece);
    }
    this.#joined.add(piece);
  }
}

/** What a program reads is not logged. */
export const untold = (): string => 'an event that is not logged';

/** The texts that the events of an answer contain. The joined answer must contain the same. */
class HeardText {
  #text = '';
  #problem: unknown = null;
  readonly #reader = new CompletionChunks((piece) => {
    this.#text += piece;
  }, untold);

  take(data: string, event?: string): void {
    try {
      if (this.#problem === null) this.#reader.take(data, event);
    } catch (error) {
      this.#problem = error;
    }
  }

  /** @throws ProviderError if the answer lacks a text */
  requireAll(json: string): void {
    if (this.#problem !== null) throw this.#problem;
    // A refusal may have come before the content that is read before it.
    if (textIn(json).length !== this.#text.length)
      throw failure('broken', new Error('events that do not join'));
  }
}

function textIn(json: string): string {
  let text = '';
  const reader = new CompletionChunks((piece) => {
    text += piece;
  }, untold);
  reader.take(json);
  return text;
}
