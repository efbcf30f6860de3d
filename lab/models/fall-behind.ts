import type { TestApp } from '../nodes/app.js';
import type { Device } from '../people/device.js';
import type { HeldAnswer } from './held-answer.js';

/** Six bytes each on the wire, so that the kernel's buffers on both sides fill soon. */
const PIECE = '\u0001'.repeat(16_000);
const AT_ONCE = 4;
const MOST_PIECES = 480;

/**
 * Makes `slow` stop reading an answer that `reader` continues to read, until the node holds deltas back. Resolves to
 * the text. Nothing is written after that, because the node waits only some time for `slow` to catch up. Use it once
 * per app: the log line is the sign.
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
  let heldBack = false;
  const logged = app.logged('reader too slow, deltas held back').then(() => {
    heldBack = true;
  });
  let pieces = 0;
  while (!heldBack && pieces < MOST_PIECES) {
    held.write(...Array.from({ length: AT_ONCE }, () => PIECE));
    pieces += AT_ONCE;
    // Waits for the reader, which would otherwise be held back as well.
    await reader.until('message:delta', () => got >= pieces * PIECE.length);
  }
  await logged;
  return PIECE.repeat(pieces);
}
