interface Flights<T> {
  running: Promise<T>;
  /** Begins when `running` has ended. */
  next: Promise<T> | null;
}

/**
 * Lets calls for the same key share work, but never work that had begun before the call. So a reader that has
 * subscribed sees at least the state at the time of its call. At most two per key are in progress or waiting.
 */
export class SingleFlight<T> {
  #flights = new Map<string, Flights<T>>();

  run(key: string, work: () => Promise<T>): Promise<T> {
    const flights = this.#flights.get(key);
    if (!flights) return this.#begin(key, work);
    flights.next ??= flights.running.then(
      () => this.#begin(key, work),
      () => this.#begin(key, work),
    );
    return flights.next;
  }

  #begin(key: string, work: () => Promise<T>): Promise<T> {
    const flights: Flights<T> = { running: work(), next: null };
    this.#flights.set(key, flights);
    const done = () => {
      if (this.#flights.get(key) === flights && !flights.next) this.#flights.delete(key);
    };
    flights.running.then(done, done);
    return flights.running;
  }
}
