import { type Concession, RECALL } from './concessions.js';
import type { Parameters } from './parameters.js';

/** A server may be replaced by one that accepts what was refused. */
const LIFE_MS = 3_600_000;
const MOST_MODELS = 1_000;

interface Known {
  concession: Concession;
  until: number;
}

/** Remembers what one server refuses, by model, so that not every answer begins with a refused request. */
export class KnownRefusals {
  #models = new Map<string, Map<string, Known>>();
  #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** The request without the parts that its model is known to refuse. */
  spare(parameters: Parameters): Parameters {
    const known = this.#models.get(parameters.model);
    if (!known) return parameters;
    let spared = parameters;
    for (const [name, { concession, until }] of known) {
      if (until > this.#now()) spared = concession.apply(spared);
      else known.delete(name);
    }
    return spared;
  }

  /** Whether the model is known to want back the fields that its earlier answers had beside their text. */
  recalls(model: string): boolean {
    const known = this.#models.get(model)?.get(RECALL);
    return known !== undefined && known.until > this.#now();
  }

  /** Call this when a request with these concessions has succeeded, which shows that they were the remedy. */
  learn(model: string, concessions: readonly Concession[]): void {
    const lasting = concessions.filter((concession) => concession.lasting);
    if (lasting.length === 0) return;
    const known = this.#models.get(model) ?? new Map<string, Known>();
    const until = this.#now() + LIFE_MS;
    for (const concession of lasting) known.set(concession.name, { concession, until });
    this.#keep(model, known);
  }

  #keep(model: string, known: Map<string, Known>): void {
    this.#models.set(model, known);
    const [oldest] = this.#models.keys();
    if (this.#models.size > MOST_MODELS && oldest !== undefined) this.#models.delete(oldest);
  }
}
