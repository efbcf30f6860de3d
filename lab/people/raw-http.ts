import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** The first complete response in the text, and the rest; null if it is incomplete. */
function cut(text: string): [RawAnswer, string] | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const status = Number(first.split(' ')[1]);
  const rest = text.slice(end + 4);
  const length = status < 200 || status === 304 ? 0 : Number(headers.get('content-length') ?? 0);
  if (rest.length < length) return null;
  return [{ status, headers, body: rest.slice(0, length) }, rest.slice(length)];
}

/** A connection that writes bytes unchanged, and reads responses with a length in order. */
export class RawConnection {
  readonly socket: Socket;
  #changes = new EventEmitter();
  #text = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1').on('error', () => {});
    this.socket.on('close', () => this.#changes.emit('change'));
    this.socket.on('data', (text: string) => {
      this.#text += text;
      this.#changes.emit('change');
    });
  }

  send(...lines: string[]): this {
    this.socket.write(lines.join('\r\n'), 'latin1');
    return this;
  }

  /** Rejects if the connection ends without a response. `withBody`: false for the response to HEAD. */
  async answer(withBody = true): Promise<RawAnswer> {
    for (;;) {
      const text = withBody ? this.#text : this.#text.replace(/content-length: \d+\r\n/i, '');
      const found = cut(text);
      if (found) {
        this.#text = found[1];
        return found[0];
      }
      if (this.socket.closed) throw new Error(`closed without an answer: ${this.#text}`);
      await once(this.#changes, 'change');
    }
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  close(): void {
    this.socket.destroy();
  }
}
