import type { RoomEvent } from '../../contract/events.js';
import type { Message } from '../../contract/rest.js';
import type { AnswerRepair } from './answer-repair.js';
import type { MessageLog } from './message-log.js';

export const isAboutMessages = ({ name }: RoomEvent): boolean => name !== 'presence:changed';

export interface RoomEventPorts {
  log: MessageLog;
  repair: AnswerRepair;
  /** The leaf of the branch that this device looks at; null: the active one. */
  lookingAt(): number | null;
  lookAt(leafMessageId: number): void;
  removed(messageIds: readonly number[]): void;
  /** The log lacks something: reads the whole page. */
  reopen(): void;
}

/** Applies the events of a room to the branch that is shown. */
export class RoomEvents {
  readonly #ports: RoomEventPorts;
  /** Messages that stayed unknown after an open. They are no reason to open again. */
  readonly #strangers = new Set<number>();

  constructor(ports: RoomEventPorts) {
    this.#ports = ports;
  }

  apply(event: RoomEvent): void {
    const { log, removed } = this.#ports;
    switch (event.name) {
      case 'message:created':
        this.#created(event.payload.message);
        break;
      case 'message:updated':
        if (log.has(event.payload.message.id)) log.put(event.payload.message);
        break;
      case 'message:deleted':
        removed(event.payload.message_ids);
        break;
      default:
        this.#applyToAnswer(event);
    }
  }

  /** A device that looks at another branch follows only what is added to that one. */
  #created(message: Message): void {
    const { log, lookingAt, lookAt, reopen } = this.#ports;
    const leaf = lookingAt();
    const placed = log.put(message, leaf === null);
    if (leaf === null) {
      if (placed === 'unknown') reopen();
    } else if (leaf === message.parent_id && placed === 'shown') lookAt(message.id);
  }

  #applyToAnswer(event: RoomEvent): void {
    if (!('message_id' in event.payload)) return;
    const { log, repair } = this.#ports;
    const id = event.payload.message_id;
    if (!log.knows(id)) this.#meet(id);
    else if (event.name === 'message:status') log.status(event.payload);
    else if (event.name === 'message:delta') repair.do(id, log.delta(event.payload));
    else if (event.name === 'message:completed') repair.do(id, log.completed(event.payload));
  }

  #meet(messageId: number): void {
    if (this.#ports.lookingAt() !== null || this.#strangers.has(messageId)) return;
    this.#strangers.add(messageId);
    this.#ports.reopen();
  }
}
