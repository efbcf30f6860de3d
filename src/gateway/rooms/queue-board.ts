import type { LiveText, RoomEvent, RoomEvents } from '../../contract/events.js';
import type { Logger } from '../../domain/logger.js';

type QueuedStatus = RoomEvents['message:status'];

interface QueueBoardDeps {
  /** Positions in line of the given answers, without those that no longer wait. */
  positions(messageIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Whether anybody on this node has the conversation open. */
  isRead(conversationId: number): boolean;
  /** Sends the status to the conversation's room on this node. */
  tell(status: QueuedStatus): void;
  logger: Logger;
}

const LOOK_EVERY_MS = 1_000;
/** Answers per look. If more are waiting, they take turns. */
const BATCH = 500;

/**
 * Tells the readers on this node how far their waiting answers have moved up. One query a second serves all of them.
 * Positions are a courtesy: a failure here affects no answer.
 */
export class QueueBoard {
  #deps: QueueBoardDeps;
  #waiting = new Map<number, QueuedStatus>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(deps: QueueBoardDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes every event that a room on this node gets. */
  see(event: RoomEvent): void {
    if (event.name === 'message:status' && event.payload.status === 'queued') {
      this.#waiting.set(event.payload.message_id, event.payload);
    } else if (event.name === 'message:status' || event.name === 'message:completed') {
      this.#waiting.delete(event.payload.message_id);
    }
  }

  /** Takes the state that a device got when it opened a conversation. */
  seeLive(conversation_id: number, live: readonly LiveText[]): void {
    for (const { message_id, status, attempt, position } of live) {
      if (status !== 'queued' || position === undefined) continue;
      this.#waiting.set(message_id, { conversation_id, message_id, status, attempt, position });
    }
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#waiting.size === 0) return;
    this.#looking = true;
    try {
      const batch = this.#nextBatch();
      const positions = await this.#deps.positions(batch.map((status) => status.message_id));
      for (const status of batch) this.#compare(status, positions.get(status.message_id));
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'queue positions not read, will try again');
    } finally {
      this.#looking = false;
    }
  }

  /** The answers that were looked up longest ago. Answers without a reader are forgotten. */
  #nextBatch(): QueuedStatus[] {
    const batch: QueuedStatus[] = [];
    for (const [id, status] of this.#waiting) {
      if (batch.length === BATCH) break;
      this.#waiting.delete(id);
      if (!this.#deps.isRead(status.conversation_id)) continue;
      batch.push(status);
    }
    for (const status of batch) this.#waiting.set(status.message_id, status);
    return batch;
  }

  /** An answer that no longer waits is forgotten: the node that runs it announces that. */
  #compare(asked: QueuedStatus, position: number | undefined): void {
    const known = this.#waiting.get(asked.message_id);
    // A newer event has arrived meanwhile.
    if (known !== asked) return;
    if (position === undefined) {
      this.#waiting.delete(asked.message_id);
    } else if (position !== asked.position) {
      const status = { ...asked, position };
      this.#waiting.set(asked.message_id, status);
      this.#deps.tell(status);
    }
  }
}
