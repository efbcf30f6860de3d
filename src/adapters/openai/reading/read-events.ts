import { createParser } from 'eventsource-parser';
import { failure } from '../failures.js';
import {
  type Chunks,
  type Control,
  MAX_BUFFER,
  type Sink,
  type TakeData,
} from '../transport/consume-body.js';
import { FAILED } from './other-apis.js';

/** Server-sent events, including the deviations of real servers. */
export function readEvents(chunks: Chunks, control: Control, take: TakeData): Sink {
  const parser = createParser({
    maxBufferSize: MAX_BUFFER,
    onEvent: ({ data, event }) => take(data, event),
    onError: ({ type, line = '', field = '', value = '' }) => {
      if (type === 'max-buffer-size-exceeded') control.fail(failure('too_large'));
      if (type !== 'unknown-field') return;
      if (field.trim().toLowerCase() === 'data') take(value);
      // A report of a server, with a field of its own or without one.
      else if (FAILED.test(field.trim())) take(JSON.stringify({ error: value || field }));
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
