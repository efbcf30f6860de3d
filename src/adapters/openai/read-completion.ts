import { createParser } from 'eventsource-parser';
import type { CompletionEnd } from '../../ports/completion-provider.js';
import { type ConsumeOptions, consume } from './consume-body.js';
import type { Exchange } from './exchange.js';
import { failure } from './failures.js';

export interface ReadOptions extends ConsumeOptions {
  /** How long `[DONE]` or the usage may take after a finish reason. */
  graceMs: number;
  /** The finish reason is here: from now on only `graceMs` counts. */
  onFinish(): void;
}

/** Longest line or whole answer that is buffered, in characters. */
const MAX_BUFFER = 8_388_608;

/** Reads one answer to its end. Rejects at once on abort, with the signal's reason; the socket is never left open. */
export function readCompletion(
  body: Exchange,
  contentType: string,
  options: ReadOptions,
): Promise<CompletionEnd> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/event-stream' || type === '') return readEvents(body, options);
  if (type === 'application/json') return readWhole(body, options);
  body.destroy();
  return Promise.reject(failure('broken', new Error(`content type ${type.slice(0, 100)}`)));
}

function readEvents(body: Exchange, options: ReadOptions): Promise<CompletionEnd> {
  const { chunks, graceMs } = options;
  return consume(body, options, (control) => {
    const takeEvent = (data: string, event: string | undefined) => {
      if (control.settled) return;
      const waiting = chunks.finished;
      if (chunks.take(data, event)) control.finish(chunks.end);
      else if (chunks.finished && !waiting) {
        options.onFinish();
        const grace = setTimeout(() => control.finish(chunks.end), graceMs);
        body.onClose(() => clearTimeout(grace));
      }
    };
    const parser = createParser({
      maxBufferSize: MAX_BUFFER,
      onEvent: ({ data, event }) => takeEvent(data, event),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') control.fail(failure('too_large'));
      },
    });
    return {
      text: (text) => parser.feed(text),
      end: () => {
        // Some servers leave out the blank line after the last event.
        parser.feed('\n\n');
        return chunks.end;
      },
    };
  });
}

function readWhole(body: Exchange, options: ReadOptions): Promise<CompletionEnd> {
  const parts: string[] = [];
  let length = 0;
  return consume(body, options, (control) => ({
    text: (text) => {
      parts.push(text);
      length += text.length;
      if (length > MAX_BUFFER) control.fail(failure('too_large'));
    },
    end: () => options.chunks.takeWhole(parts.join('')),
  }));
}
