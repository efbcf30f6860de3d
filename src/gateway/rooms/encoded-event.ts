import type { ServerToClientEvents } from '../../contract/events.js';
import { type EncodedPacket, encoded } from '../engine-io.js';

/** Socket.IO protocol, version 5: an event in the default namespace. */
const EVENT = '2';
/** Engine.IO protocol, version 4: a message. */
const MESSAGE = '4';
/** RFC 6455, section 5.2: a whole text message. Lengths that do not fit into 7 bits follow in 16 or 64. */
const FINAL_TEXT = 0x81;
const IN_16_BITS = 126;
const IN_64_BITS = 127;

/** Encodes an event once, for `writeEncoded` to any number of sockets. */
export function encodeEvent(name: keyof ServerToClientEvents, payloadJson: string): EncodedPacket {
  const packet = `${EVENT}["${name}",${payloadJson}]`;
  return encoded(packet, textFrame(MESSAGE + packet));
}

/** An unmasked websocket frame, as servers send them. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const extended = length < IN_16_BITS ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extended + length);
  frame[0] = FINAL_TEXT;
  frame[1] = extended === 0 ? length : extended === 2 ? IN_16_BITS : IN_64_BITS;
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(text, 2 + extended);
  return frame;
}
