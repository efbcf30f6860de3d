import { Decoder, Encoder } from 'socket.io-parser';
import { LIMITS } from '../../contract/limits.js';
import { type MostValues, mayBeModest } from '../../validation/payload-size.js';

/** Type, attachments, namespace and ack id of an event, then its name. */
const HEAD = /^[25](?:\d+-)?(?:\/[^,]*,)?\d*\["(?:[^"\\]|\\.)*"/;
/** Stands for a payload that is not worth parsing: it is too deep for validation. */
const REFUSED = '['.repeat(LIMITS.payloadDepth + 1) + ']'.repeat(LIMITS.payloadDepth + 1);

/** A payload that is modest, in a list behind the name of its event. */
const MOST: MostValues = { values: LIMITS.payloadValues + 2, depth: LIMITS.payloadDepth + 1 };

/**
 * Socket.IO's decoder, which counts the values of a packet before it parses them. An event with too many reaches the
 * router with a payload that is refused as too large; any other packet ends the connection.
 */
class ModestDecoder extends Decoder {
  override add(packet: unknown): void {
    super.add(typeof packet === 'string' ? modest(packet) : packet);
  }
}

function modest(packet: string): string {
  // A packet this short cannot hold too many values.
  if (packet.length <= LIMITS.payloadValues || mayBeModest(Buffer.from(packet), MOST))
    return packet;
  const head = HEAD.exec(packet)?.[0];
  if (head === undefined) throw new Error('a packet with too many values');
  return `${head},${REFUSED}]`;
}

export const modestParser = { Encoder, Decoder: ModestDecoder };
