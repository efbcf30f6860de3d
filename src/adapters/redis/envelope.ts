import { randomBytes } from 'node:crypto';
import type { RoomEvent } from '../../contract/events.js';

/** An event of this node on its way through a conversation's channel; null calls readers to resynchronise. */
export interface Outgoing {
  readonly conversationId: number;
  readonly tag: string;
  readonly event: RoomEvent | null;
  readonly payloadJson: string | undefined;
  /** Of the envelope, what follows the tags. */
  readonly rest: string;
}

/** What the head of an envelope says. */
export interface Head {
  /** The tag of the event before; empty when the store knew of none. */
  before: string;
  tag: string;
  isOwn: boolean;
}

const BEFORE = '{"p":"';
const TAG = '","t":"';
const PAYLOAD = '"payload":';
/** The event and what carries it. */
const CLOSING = '}}'.length;

/** Events are written with their name first and their payload last. */
export const payloadOf = (text: string): string =>
  text.slice(text.indexOf(PAYLOAD) + PAYLOAD.length, text.length - CLOSING);

/**
 * What travels through a conversation's channel: `{"p":"<tag before>","t":"<tag>","o":"<node>","e":{"name":…,"payload":…}}`.
 * A tag is never used twice, by no process of any node. What a script announces has no origin.
 */
export class Envelopes {
  readonly #origin: string;
  readonly #own: string;
  readonly #process = randomBytes(6).toString('base64url');
  #serial = 0;

  constructor(nodeId: string) {
    this.#origin = `,"o":${JSON.stringify(nodeId)},"e":`;
    this.#own = `"${this.#origin}`;
  }

  tag(): string {
    this.#serial += 1;
    return `${this.#process}.${this.#serial}`;
  }

  wrap(conversationId: number, event: RoomEvent | null): Outgoing {
    const payloadJson = event ? JSON.stringify(event.payload) : undefined;
    const body = event ? `{"name":"${event.name}",${PAYLOAD}${payloadJson}}` : 'null';
    return {
      conversationId,
      tag: this.tag(),
      event,
      payloadJson,
      rest: `${this.#origin}${body}}`,
    };
  }

  /** Null: no envelope. */
  read(text: string): Head | null {
    const beforeEnd = text.indexOf('"', BEFORE.length);
    const tagFrom = beforeEnd + TAG.length;
    if (!text.startsWith(BEFORE) || !text.startsWith(TAG, beforeEnd)) return null;
    const tagEnd = text.indexOf('"', tagFrom);
    return {
      before: text.slice(BEFORE.length, beforeEnd),
      tag: text.slice(tagFrom, tagEnd),
      isOwn: text.startsWith(this.#own, tagEnd),
    };
  }
}
