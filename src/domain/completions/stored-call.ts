import type { Charge, CompletionClaim } from '../../entities/entities.js';
import type { RawRequest } from '../../ports/raw-completions.js';
import type { Repositories } from '../../ports/repositories/repositories.js';
import { Allowance } from './allowance.js';
import type { CompletionCall } from './completion-runner.js';
import { type CompletionDeps, MeteredCall } from './completion-service.js';
import { ShownUsage } from './shown-usage.js';

/** A call that outlives its request. Its charge counts with its end. */
class StoredCall implements CompletionCall {
  readonly #request: RawRequest;
  readonly #allowance: Allowance;
  readonly #call: MeteredCall;

  constructor(deps: CompletionDeps, request: RawRequest, allowance: Allowance) {
    this.#request = request;
    this.#allowance = allowance;
    this.#call = new MeteredCall(deps, request);
  }

  get reservation(): number {
    return this.#allowance.reservation;
  }

  get charge(): Charge | null {
    return this.#call.charge;
  }

  async complete(
    onChunk: (json: string) => void,
    signal: AbortSignal,
    trace: string | null,
  ): Promise<void> {
    const shown = new ShownUsage(this.#request, onChunk);
    const { usage } = await this.#call.run(shown.take, signal, this.#allowance, trace);
    shown.end(usage);
  }
}

/** Calls as they are stored, and read again by the node that continues them. */
export class StoredCalls {
  readonly #deps: CompletionDeps;

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
  }

  /** Reserves what the call may use, within the transaction that stores it. @throws AppError `quota_exceeded` */
  async open(userId: number, request: RawRequest, tx: Repositories): Promise<StoredCall> {
    return new StoredCall(
      this.#deps,
      request,
      await Allowance.open(this.#deps, userId, request, tx),
    );
  }

  /** The call of a claim that another one had before. It has begun, so it is not refused for want of quota. */
  async again(claim: CompletionClaim, stored: string): Promise<StoredCall> {
    const request: RawRequest = JSON.parse(stored);
    return new StoredCall(this.#deps, request, await Allowance.adopt(this.#deps, request, claim));
  }
}
