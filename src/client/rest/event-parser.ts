/** One server-sent event; `id` is that of the last event that had one. */
export interface ParsedEvent {
  event: string;
  data: string;
  id: string;
}

/** Takes server-sent events (HTML, 9.2.6) in pieces of any size. */
export class EventParser {
  /** How long the server asks to wait before the next connection. */
  retryMs: number | undefined;
  #line = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  /** Returns the events that `text` completes. */
  feed(text: string): ParsedEvent[] {
    const lines = (this.#line + text).split(/\r\n|\n|\r(?!$)/);
    this.#line = lines.pop() ?? '';
    return lines.flatMap((line) => (line === '' ? this.#end() : this.#field(line)));
  }

  #field(line: string): [] {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id') this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return [];
  }

  #end(): ParsedEvent[] {
    const event = this.#event || 'message';
    const data = this.#data.splice(0);
    this.#event = '';
    return data.length === 0 ? [] : [{ event, data: data.join('\n'), id: this.#id }];
  }
}

/** The events of a response, until it ends, breaks off (throws), is silent for `silenceMs`, or `signal` ends it. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  parser: EventParser,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ParsedEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const end = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', end, { once: true });
  try {
    for (;;) {
      const timer = setTimeout(end, silenceMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      yield* parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}
