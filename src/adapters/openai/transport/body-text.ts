import { StringDecoder } from 'node:string_decoder';

/** Turns packets into text, even if a character is split between two of them. */
export interface BodyText {
  write(packet: Buffer): string;
  end(): string;
}

const CHARSET = /;\s*charset\s*=\s*["']?([^"';\s]+)/i;

/**
 * Events and JSON are UTF-8. Many servers name another charset and still send UTF-8. So the named one applies only from
 * the first bytes that are not UTF-8.
 */
export function bodyText(contentType: string): BodyText {
  const named = namedIn(contentType);
  return named ? new OtherText(named) : new StringDecoder('utf8');
}

/** Null: UTF-8, or an unknown name. */
function namedIn(contentType: string): TextDecoder | null {
  const name = CHARSET.exec(contentType)?.[1];
  if (name === undefined) return null;
  try {
    const decoder = new TextDecoder(name);
    return decoder.encoding === 'utf-8' ? null : decoder;
  } catch {
    return null;
  }
}

class OtherText implements BodyText {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #other: TextDecoder;
  #isOther: boolean;
  /** The beginning of a character. */
  #held: Buffer = Buffer.alloc(0);

  constructor(other: TextDecoder) {
    this.#other = other;
    // ASCII in UTF-16 is valid UTF-8, with U+0000 between its letters.
    this.#isOther = other.encoding.startsWith('utf-16');
  }

  write(packet: Buffer): string {
    if (this.#isOther) return this.#other.decode(packet, { stream: true });
    const bytes = Buffer.concat([this.#held, packet]);
    const whole = bytes.length - begunAtEnd(bytes);
    try {
      const text = this.#utf8.decode(bytes.subarray(0, whole));
      this.#held = bytes.subarray(whole);
      return text;
    } catch {
      this.#isOther = true;
      return this.#other.decode(bytes, { stream: true });
    }
  }

  end(): string {
    return this.#isOther ? this.#other.decode() : this.#other.decode(this.#held);
  }
}

const MOST_BYTES = 4;

/** The beginning of a UTF-8 character whose other bytes have not come. */
function begunAtEnd(bytes: Buffer): number {
  for (let back = 1; back < MOST_BYTES && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthBy(byte) ? back : 0;
  }
  return 0;
}

const lengthBy = (first: number): number => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);
