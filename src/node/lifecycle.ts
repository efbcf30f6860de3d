/** Something that lasts from the start of a node to its end. */
export interface Service {
  readonly name: string;
  start?(): unknown;
  /** Takes nothing new, and lets running work continue for at most `ms`. */
  drain?(ms: number): unknown;
  /** Services, started later, whose drains end before this one begins. */
  readonly drainsAfter?: readonly Service[];
  /** Called also after a start that failed, and after `drain`. */
  stop?(): unknown;
}

/**
 * One list of services: started in its order, one after another. At the end all drain at once, and then they stop in
 * reverse order. A service that fails to drain or to stop does not prevent the others from doing so.
 */
export class Lifecycle {
  readonly #running: Service[] = [];
  #stopping: Promise<void> | null = null;

  /** Adds what is open already. */
  opened(name: string, stop: () => unknown): void {
    this.#running.push({ name, stop });
  }

  /**
   * Begins no further service once `signal` has ended the start. When one fails, it and those before it are stopped.
   * @throws its error, whatever happens while they stop
   */
  async start(services: readonly Service[], signal: AbortSignal): Promise<void> {
    try {
      for (const service of services) {
        if (signal.aborted) return;
        this.#running.push(service);
        await service.start?.();
      }
    } catch (error) {
      await this.stop(0).catch(() => {});
      throw error;
    }
  }

  /** Idempotent. Call it when `start` has settled. @throws the first error, when everything has stopped */
  stop(drainMs: number): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    const errors: unknown[] = [];
    const lastFirst = this.#running.toReversed();
    const drains = new Map<Service, Promise<void>>();
    const failed = (error: unknown) => void errors.push(error);
    for (const service of lastFirst)
      drains.set(service, drain(service, drainMs, drains).catch(failed));
    await Promise.all(drains.values());
    for (const service of lastFirst) await stop(service).catch(failed);
    if (errors.length > 0) throw errors[0];
  }
}

async function drain(
  service: Service,
  ms: number,
  drains: ReadonlyMap<Service, Promise<void>>,
): Promise<void> {
  for (const later of service.drainsAfter ?? []) await drains.get(later);
  await service.drain?.(ms);
}

async function stop(service: Service): Promise<void> {
  await service.stop?.();
}
