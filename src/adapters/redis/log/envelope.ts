import { randomBytes } from 'node:crypto';
import type { RoomEvent } from '../../../contract/events.js';

/** An event of this node on its way through a conversation's channel. Null tells readers to resynchronise. */
export interface Outgoing {
  readonly conversationId: number;
  /** The tag is this with the sender's prefix. */
  readonly serial: number;
  readonly event: RoomEvent | null;
  readonly json: string;
}

/** The head of an envelope. */
export interface Head {
  /** The tag of the event before; empty if the store had none. */
  before: string;
  tag: string;
  /** The serial of an event that this process sent; otherwise null. */
  serial: number | null;
}

const BEFORE = '{"p":"';
const TAG = '","t":"';
const PAYLOAD = '"payload":';
/** The braces that close the event and its envelope. */
const CLOSING = '}}'.length;
const END_OF_EVENT = '}'.length;

/** Events are written with their name first and their payload last. */
export const payloadOf = (text: string): string =>
  text.slice(text.indexOf(PAYLOAD) + PAYLOAD.length, text.length - CLOSING);

/** Undefined in a resync. */
export const payloadJsonOf = ({ event, json }: Outgoing): string | undefined =>
  event ? json.slice(json.indexOf(PAYLOAD) + PAYLOAD.length, -END_OF_EVENT) : undefined;

/**
 * The format of a conversation's channel: `{"p":"<tag before>","t":"<tag>","o":"<node>","e":{"name":…,"payload":…}}`.
 * No process of any node ever uses a tag twice. Announcements by scripts have no origin.
 */
export class Envelopes {
  /** Prefix of this process' tags. */
  readonly prefix = `${randomBytes(6).toString('base64url')}.`;
  /** The text between a tag and the event. */
  readonly origin: string;
  #serial = 0;

  constructor(nodeId: string) {
    this.origin = `,"o":${JSON.stringify(nodeId)},"e":`;
  }

  tag(): string {
    this.#serial += 1;
    return this.tagOf(this.#serial);
  }

  tagOf(serial: number): string {
    return this.prefix + serial;
  }

  wrap(conversationId: number, event: RoomEvent | null): Outgoing {
    this.#serial += 1;
    return { conversationId, serial: this.#serial, event, json: JSON.stringify(event) };
  }

  /** Null: not an envelope. */
  read(text: string): Head | null {
    const beforeEnd = text.indexOf('"', BEFORE.length);
    const tagFrom = beforeEnd + TAG.length;
    if (!text.startsWith(BEFORE) || !text.startsWith(TAG, beforeEnd)) return null;
    const tagEnd = text.indexOf('"', tagFrom);
    const tag = text.slice(tagFrom, tagEnd);
    const isOwn = tag.startsWith(this.prefix) && text.startsWith(this.origin, tagEnd + 1);
    return {
      before: text.slice(BEFORE.length, beforeEnd),
      tag,
      serial: isOwn ? Number(tag.slice(this.prefix.length)) : null,
    };
  }
}
