import type { TestApp } from '../nodes/app.js';
import type { Device } from '../people/device.js';
import type { HeldAnswer } from './held-answer.js';

/** Six bytes each on the wire: more than the kernel's buffers on both sides can hold. */
const PIECE = '\u0001'.repeat(16_000);
const PIECES = 240;

/**
 * Makes `slow` stop reading an answer that `reader` continues to read, until the node holds deltas back. Resolves to
 * the text.
 */
export async function fallBehind(
  app: TestApp,
  held: HeldAnswer,
  reader: Device,
  slow: Device,
): Promise<string> {
  slow.pause();
  let got = 0;
  reader.socket.prependAny((name, payload) => {
    if (name === 'message:delta') got += payload.text.length;
  });
  for (let i = 0; i < PIECES; i += 4) {
    held.write(PIECE, PIECE, PIECE, PIECE);
    // At the pace of the reader, which would be held back as well otherwise.
    await reader.until('message:delta', () => got >= (i + 4) * PIECE.length);
  }
  await app.logged('reader too slow, deltas held back');
  return PIECE.repeat(PIECES);
}
