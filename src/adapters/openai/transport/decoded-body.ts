import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { failure } from '../failures.js';

/** Events of a body: pieces in order, then one of the others. */
export interface BodyListener {
  /** A packet came, whose content follows when it is decoded. */
  onPacket?(): void;
  onData(piece: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** Pauses the connection while the decoder is busy. */
export interface Flow {
  pause(): void;
  resume(): void;
}

const MAX_LAYERS = 3;
const GZIP = [0x1f, 0x8b];
/**
 * Beginnings of plain bodies, which no compressed body has. A proxy that decoded a body may have left the label on it.
 */
const PLAIN = /^\s*(data:|event:|id:|retry:|: |\{\s*"|\[\s*\{|<!|<h|[{[]?\s*$)/i;
/** Bytes that are enough to tell plain bodies from compressed ones. */
const START_BYTES = 8;

/** Takes a body that is compressed although `identity` was requested, and passes it on decoded, as it arrives. */
export class DecodedBody implements BodyListener {
  readonly #encodings: string[];
  readonly #flow: Flow;
  #listener: BodyListener | undefined;
  #isPlain = false;
  #start: Buffer = Buffer.alloc(0);
  #layers: Transform[] = [];
  #failure: Error | undefined;

  constructor(contentEncoding: string, listener: BodyListener, flow: Flow) {
    const names = contentEncoding.toLowerCase().split(',');
    this.#encodings = names
      .map((name) => name.trim())
      .filter((name) => !/^(identity)?$/.test(name));
    this.#listener = listener;
    this.#flow = flow;
  }

  onData(piece: Buffer): void {
    this.#listener?.onPacket?.();
    this.#take(piece);
  }

  #take(piece: Buffer): void {
    if (this.#isPlain) this.#listener?.onData(piece);
    else if (this.#layers.length > 0) this.#write(piece);
    else this.#begin(piece);
  }

  onEnd(): void {
    if (!this.#isPlain && this.#layers.length === 0) this.#open();
    if (this.#isPlain) this.#listener?.onEnd();
    else this.#layers[0]?.end();
  }

  /** Earlier pieces are passed on first. */
  onError(error: Error): void {
    this.#failure = error;
    if (this.#layers.length === 0) this.#listener?.onError(error);
    else this.#layers[0]?.end();
  }

  /** The listener gets nothing more. */
  destroy(): void {
    this.#listener = undefined;
    for (const layer of this.#layers) layer.destroy();
  }

  #begin(piece: Buffer): void {
    this.#start = this.#start.length === 0 ? piece : Buffer.concat([this.#start, piece]);
    const isEnough =
      this.#start.length >= START_BYTES ||
      (this.#encodings.length === 0 && (this.#start[0] !== GZIP[0] || this.#start.length > 1));
    if (isEnough) this.#open();
  }

  #open(): void {
    const start = this.#start;
    this.#start = Buffer.alloc(0);
    try {
      this.#layers = openLayers(start, this.#encodings);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#isPlain = this.#layers.length === 0;
    if (!this.#isPlain) this.#connect();
    if (start.length > 0) this.#take(start);
  }

  #connect(): void {
    for (const [i, layer] of this.#layers.entries()) {
      layer.on('error', (error) => this.#fail(failure('broken', error)));
      const next = this.#layers[i + 1];
      if (next) layer.pipe(next);
      else {
        layer.on('data', (piece: Buffer) => this.#listener?.onData(piece));
        layer.on('end', () => this.#ended());
      }
    }
  }

  #write(piece: Buffer): void {
    const [first] = this.#layers;
    if (!first || first.destroyed || first.write(piece)) return;
    this.#flow.pause();
    first.once('drain', () => this.#flow.resume());
  }

  #ended(): void {
    if (this.#failure) this.#listener?.onError(this.#failure);
    else this.#listener?.onEnd();
  }

  #fail(error: unknown): void {
    const listener = this.#listener;
    this.destroy();
    listener?.onError(error instanceof Error ? error : new Error(String(error)));
  }
}

/** None for a plain body. @throws ProviderError for an encoding that cannot be read */
function openLayers(start: Buffer, encodings: string[]): Transform[] {
  if (start[0] === GZIP[0] && start[1] === GZIP[1]) {
    return encodings.length < 2 ? [createDecoder('gzip', start)] : openAll(start, encodings);
  }
  const isPlain =
    encodings.length === 0 || start.length === 0 || PLAIN.test(start.toString('latin1'));
  return isPlain ? [] : openAll(start, encodings);
}

function openAll(start: Buffer, encodings: string[]): Transform[] {
  if (encodings.length > MAX_LAYERS) throw failure('broken', new Error('too many encodings'));
  return encodings.toReversed().map((name) => createDecoder(name, start));
}

/** A body whose end was cut off is passed on as far as it arrived. */
function createDecoder(name: string, start: Buffer): Transform {
  const flush = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
  if (name === 'gzip' || name === 'x-gzip') return zlib.createGunzip(flush);
  if (name === 'deflate')
    return hasZlibHeader(start) ? zlib.createInflate(flush) : zlib.createInflateRaw(flush);
  if (name === 'br')
    return zlib.createBrotliDecompress({ finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH });
  if (name === 'zstd') return createZstdDecoder();
  throw failure('broken', new Error(`content encoding ${name.slice(0, 40)}`));
}

/** RFC 9110 means zlib by `deflate`, but some servers omit the zlib header. */
const hasZlibHeader = ([first = 0, second = 0]: Buffer) =>
  (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;

/** Node has it from 22.15 on. */
function createZstdDecoder(): Transform {
  if ('createZstdDecompress' in zlib && typeof zlib.createZstdDecompress === 'function') {
    return zlib.createZstdDecompress();
  }
  throw failure('broken', new Error('content encoding zstd, which this Node.js cannot decode'));
}
