import type { OpenAI } from 'openai';
import { EventReader } from './event-reader.js';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** Reads a stream of `/v1`. */
export class ChunkReader extends EventReader {
  /** Ids and JSON of the chunks, without lines that are no chunk. */
  get chunks(): { id: string; json: string }[] {
    return this.received
      .filter(({ data }) => data !== '[DONE]' && !data.startsWith('{"error"'))
      .map(({ id, data }) => ({ id, json: data }));
  }

  get text(): string {
    return this.chunks
      .map(({ json }) => (JSON.parse(json) as Chunk).choices[0]?.delta.content ?? '')
      .join('');
  }

  get isDone(): boolean {
    return this.received.at(-1)?.data === '[DONE]';
  }

  /** The id of the chunk that ended the stream; null: none did. */
  get errorCode(): string | null {
    const last = this.received.at(-1)?.data ?? '';
    return last.startsWith('{"error"') ? String(JSON.parse(last).error.code) : null;
  }
}
