import type { Todo } from '../../contract/answer-text.js';
import type { Cursor, LiveText } from '../../contract/events.js';
import type { Call } from '../call.js';
import { Retry } from '../time/retry.js';
import type { MessageLog } from './message-log.js';

export interface RepairPorts {
  call: Call;
  log: MessageLog;
  /** The log has changed. */
  changed(): void;
  /** Opens the conversation again, which also shows deletions. */
  reopen(): void;
}

/** Asks for the text that an answer lacks, once at a time for each answer. */
export class AnswerRepair {
  readonly #ports: RepairPorts;
  readonly #asking = new Set<number>();
  readonly #retry = new Retry();
  /** Answers for which the conversation will be opened again. */
  readonly #waiting = new Set<number>();
  /** Replies to requests from before the last `ignore` change nothing. */
  #epoch = 0;

  constructor(ports: RepairPorts) {
    this.#ports = ports;
  }

  do(messageId: number, todo: Todo): void {
    if (todo === 'nothing' || this.#asking.has(messageId)) return;
    this.#asking.add(messageId);
    void this.#ask(messageId);
  }

  /** An opening is under way, and returns the same. */
  ignore(): void {
    this.#epoch += 1;
  }

  /** The opening is complete. */
  clear(): void {
    this.#asking.clear();
    this.#waiting.clear();
  }

  reset(): void {
    this.ignore();
    this.clear();
    this.#retry.reset();
  }

  async #ask(messageId: number): Promise<void> {
    const epoch = this.#epoch;
    const cursor = this.#ports.log.cursor(messageId);
    try {
      const data = await this.#ports.call('generation:resume', cursor);
      if (epoch === this.#epoch) this.#resumed(cursor, { message_id: messageId, ...data });
    } catch {
      if (epoch === this.#epoch) this.#again(messageId);
    }
  }

  #resumed(asked: Cursor, live: LiveText): void {
    const { log, changed } = this.#ports;
    const todo = log.live(live);
    const now = log.cursor(live.message_id);
    changed();
    const stuck = asked.attempt === now.attempt && asked.seq === now.seq;
    if (todo === 'resume' && stuck) this.#again(live.message_id);
    else {
      if (this.#waiting.size === 0) this.#retry.reset();
      this.#asking.delete(live.message_id);
      this.do(live.message_id, todo);
    }
  }

  /** A failed or useless request is repeated as an open. */
  #again(messageId: number): void {
    this.#waiting.add(messageId);
    this.#retry.later(() => this.#ports.reopen());
  }
}
