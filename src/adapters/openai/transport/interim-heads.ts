import type { Socket } from 'node:net';

const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const ONE = 0x31;
const TWO = 0x32;
/** Offset of the status digits in `HTTP/1.1 100`. */
const FIRST_DIGIT = 9;
const LAST_DIGIT = 11;

/**
 * Handles one connection to the model server. Some servers send `100 Continue` unasked, as RFC 9110 section 15.2
 * allows. undici then closes the connection, but accepts all other interim heads, so it is shown 102 instead.
 */
export class InterimHeads {
  #expecting = false;
  /** Position within the status line. The rest of a head follows it. */
  #place = 0;
  #digits: number[] = [];
  #isInterim = false;
  #lineIsEmpty = false;

  /** Handles this socket from now on, in place of an earlier one. */
  fit(socket: Socket): void {
    this.#expecting = false;
    const read = socket.read.bind(socket);
    socket.read = (size) => {
      const piece: Buffer | null = read(size);
      if (this.#expecting && piece !== null) this.#scan(piece);
      return piece;
    };
  }

  /** A request is sent: the next bytes are the head of a response. */
  expect(): void {
    this.#expecting = true;
    this.#startHead();
  }

  #startHead(): void {
    this.#place = 0;
    this.#digits = [];
    this.#isInterim = false;
    this.#lineIsEmpty = false;
  }

  #scan(piece: Buffer): void {
    for (let i = 0; i < piece.length && this.#expecting; i++) {
      if (this.#isInterim) this.#skip(piece[i]);
      else this.#takeStatus(piece, i);
    }
  }

  #takeStatus(piece: Buffer, i: number): void {
    const byte = piece[i] ?? 0;
    const place = this.#place++;
    // Line ends before a status line do not count.
    if (place === 0 && (byte === CR || byte === LF)) this.#place = 0;
    if (place >= FIRST_DIGIT) this.#digits.push(byte);
    if (place < LAST_DIGIT) return;
    const [first, second, third] = this.#digits;
    this.#isInterim = first === ONE;
    this.#expecting = this.#isInterim;
    if (this.#isInterim && second === ZERO && third === ZERO) piece[i] = TWO;
  }

  #skip(byte: number | undefined): void {
    if (byte === CR) return;
    if (byte !== LF) this.#lineIsEmpty = false;
    else if (this.#lineIsEmpty) this.#startHead();
    else this.#lineIsEmpty = true;
  }
}
