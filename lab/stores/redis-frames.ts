const CRLF = '\r\n';

/** Splits the output of a Redis server into whole replies (RESP 2). */
export class RedisFrames {
  #rest = Buffer.alloc(0);

  take(data: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, data]);
    const frames: Buffer[] = [];
    for (;;) {
      const end = frameEnd(this.#rest, 0);
      if (end === null) return frames;
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** The end of the frame that begins at `from`; null if it is incomplete. */
function frameEnd(data: Buffer, from: number): number | null {
  const lineEnd = data.indexOf(CRLF, from);
  if (lineEnd < 0) return null;
  const kind = String.fromCharCode(data[from] ?? 0);
  const next = lineEnd + CRLF.length;
  if (kind !== '$' && kind !== '*') return next;
  const length = Number(data.toString('latin1', from + 1, lineEnd));
  if (length < 0) return next;
  if (kind === '$') {
    const end = next + length + CRLF.length;
    return end <= data.length ? end : null;
  }
  let end: number | null = next;
  for (let i = 0; i < length && end !== null; i++) end = frameEnd(data, end);
  return end;
}

/** Channel and text of a message to a subscriber; null for any other frame. */
export function messageOf(frame: Buffer): { channel: string; text: string } | null {
  const text = frame.toString('utf8');
  const found = /^\*[34]\r\n\$\d+\r\n(message|smessage|pmessage)\r\n/.exec(text);
  if (!found) return null;
  const parts = text
    .slice(found[0].length)
    .split(/\r?\n?\$\d+\r\n/)
    .slice(1);
  const [channel = '', ...rest] = found[1] === 'pmessage' ? parts.slice(1) : parts;
  return { channel: channel.trim(), text: rest.join('') };
}
