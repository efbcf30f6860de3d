import type { Message } from '../../contract/rest.js';
import type { MessageLog } from './message-log.js';

/** Reads the pages before the messages that are there, one at a time. */
export class OlderMessages {
  readonly #log: Pick<MessageLog, 'hasMore' | 'items' | 'prepend'>;
  readonly #read: (before: number) => Promise<Message[]>;
  readonly #changed: () => void;
  #loading: Promise<void> | null = null;

  constructor(
    log: Pick<MessageLog, 'hasMore' | 'items' | 'prepend'>,
    read: (before: number) => Promise<Message[]>,
    changed: () => void,
  ) {
    this.#log = log;
    this.#read = read;
    this.#changed = changed;
  }

  /** Simultaneous calls share one request. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    const first = this.#log.items[0];
    if (first === undefined || !this.#log.hasMore) return;
    this.#log.prepend(await this.#read(first.id));
    this.#changed();
  }
}
