import type { Conversation } from '../../contract/rest.js';
import { Silence } from '../connection/silence.js';
import type { ConversationList } from './conversation-list.js';
import { isLive } from './newer.js';

/** The interval is long, because the events of lists are seldom lost. */
const AFTER = { minMs: 60_000, maxMs: 240_000 };
/** The first ones are read at once; the others have their turn at the next time. */
const MOST = 10;

interface RowWatchDeps {
  lists: readonly ConversationList[];
  read(id: number): Promise<Conversation>;
  changed(conversation: Conversation): void;
}

/** Reads conversations whose answer has been running for long without a word, in case its end was lost. */
export class RowWatch {
  readonly #deps: RowWatchDeps;
  readonly #silence = new Silence(() => this.#ask(), AFTER);
  #online = false;

  constructor(deps: RowWatchDeps) {
    this.#deps = deps;
    for (const list of deps.lists) list.subscribe(() => this.#wait());
  }

  setOnline(online: boolean): void {
    this.#online = online;
    this.#wait();
  }

  /** An event came, so events are not lost. */
  heard(): void {
    this.#silence.heard();
  }

  #live(): number[] {
    const rows = this.#deps.lists.flatMap(({ state }) => state.conversations);
    return [...new Set(rows.filter(({ answer }) => isLive(answer)).map(({ id }) => id))];
  }

  #wait(): void {
    this.#silence.wait(this.#online && this.#live().length > 0);
  }

  #ask(): void {
    const { read, changed } = this.#deps;
    for (const id of this.#live().slice(-MOST)) void read(id).then(changed, () => undefined);
  }
}
