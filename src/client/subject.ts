/** Ends a subscription. Idempotent. */
export type Unsubscribe = () => void;

/** A list of listeners. One that throws does not affect the others. */
export class Subject<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Calls `listener` with every value from now on. */
  subscribe(listener: (value: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Passes a value to all listeners. */
  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
