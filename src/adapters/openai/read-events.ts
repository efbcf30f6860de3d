import { createParser } from 'eventsource-parser';
import type { CompletionChunks } from './completion-chunks.js';
import { type Control, MAX_BUFFER, type Sink, type TakeData } from './consume-body.js';
import { failure } from './failures.js';

/** Server-sent events, including the deviations of real servers. */
export function readEvents(chunks: CompletionChunks, control: Control, take: TakeData): Sink {
  const parser = createParser({
    maxBufferSize: MAX_BUFFER,
    onEvent: ({ data, event }) => take(data, event),
    onError: ({ type, line = '', field = '', value = '' }) => {
      if (type === 'max-buffer-size-exceeded') control.fail(failure('too_large'));
      if (type !== 'unknown-field') return;
      if (field.trim().toLowerCase() === 'data') take(value);
      // An error that a server writes into the stream without a field's name.
      else if (/^\s*[{[]/.test(line)) take(line);
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
}
