import type { Call } from '../call.js';

/**
 * Rooms that an ask has joined although nobody has the conversation open. They are left soon: a device may be in 50 at a
 * time, so a program that only sends would be refused in the end.
 */
export class PassedRooms {
  readonly #call: Call;
  readonly #isOpen: (id: number) => boolean;
  readonly #ids = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Call, isOpen: (id: number) => boolean) {
    this.#call = call;
    this.#isOpen = isOpen;
  }

  /** A program that has its ack may open the conversation at once. */
  joined(id: number): void {
    this.#ids.add(id);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const one of [...this.#ids]) {
        if (this.#isOpen(one)) this.#ids.delete(one);
        else this.leave(one);
      }
    });
  }

  /** A refusal is repeated with the next room. */
  leave(id: number): void {
    this.#ids.delete(id);
    void this.#call('conversation:close', { conversation_id: id }).catch(() => this.#ids.add(id));
  }

  /** The connection is lost, and with it all rooms. */
  lost(): void {
    this.#ids.clear();
  }
}
