import type { CompletionEnd } from '../../../ports/completion-provider.js';
import { failure } from '../failures.js';
import {
  type ConsumeOptions,
  type Control,
  consume,
  type Sink,
  type TakeData,
} from '../transport/consume-body.js';
import type { Exchange } from '../transport/exchange.js';
import { readEvents } from './read-events.js';
import { readJson } from './read-json.js';

export interface ReadOptions extends ConsumeOptions {
  /** How long `[DONE]`, the usage or more text may take after a finish reason. */
  graceMs: number;
  /** The finish reason has arrived: from now on only `graceMs` counts. */
  onFinish(): void;
}

/** Reads one answer to its end. Rejects at once on abort, with the signal's reason; the socket is never left open. */
export function readCompletion(body: Exchange, options: ReadOptions): Promise<CompletionEnd> {
  return consume(body, options, (control) => {
    const take = createTake(body, options, control);
    return sniff(control, options, (first) =>
      /[{[]/.test(first)
        ? readJson(options.chunks, control, take)
        : readEvents(options.chunks, control, take),
    );
  });
}

/**
 * The content type is ignored: the first characters distinguish events, JSON and pages, and cannot be misconfigured.
 */
function sniff(control: Control, { chunks }: ReadOptions, open: (first: string) => Sink): Sink {
  let sink: Sink | undefined;
  const begin = (text: string) => {
    // Byte order marks are white space, too.
    const start = text.trimStart();
    if (start === '') return;
    if (start.startsWith('<')) return control.fail(failure('broken', new Error('a page of HTML')));
    sink = open(start.charAt(0));
    sink.text(start);
  };
  return {
    text: (text) => (sink ? sink.text(text) : begin(text)),
    end: () => (sink ? sink.end() : chunks.end),
  };
}

function createTake(body: Exchange, options: ReadOptions, control: Control): TakeData {
  const { chunks, graceMs } = options;
  let grace: NodeJS.Timeout | undefined;
  const startGrace = () => {
    options.onFinish();
    const timer = setTimeout(() => {
      const known = chunks.length;
      // After pending reads, as for the time limits of a call.
      setImmediate(() => {
        if (!control.settled && chunks.length === known) control.finish(chunks.end);
      });
    }, graceMs);
    body.onClose(() => clearTimeout(timer));
    return timer;
  };
  return (data, event) => {
    if (control.settled) return;
    const known = chunks.length;
    if (chunks.take(data, event)) control.finish(chunks.end);
    else if (!chunks.finished) return;
    else if (!grace) grace = startGrace();
    else if (chunks.length > known) grace.refresh();
  };
}
