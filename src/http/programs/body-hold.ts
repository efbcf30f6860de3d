/** Memory that is held for a body until everything that uses it has let it go. Each user lets go once. */
export class BodyHold {
  readonly #release: () => void;
  #users = 1;

  constructor(release: () => void) {
    this.#release = release;
  }

  /** Adds a user. The returned function lets go. */
  share(): () => void {
    this.#users += 1;
    return () => this.letGo();
  }

  letGo(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#release();
  }
}
