import type { ModelInfo, Price } from '../../../contract/rest.js';
import { invalid } from '../../../entities/errors.js';
import type { OfferedModel } from '../../../ports/completion-provider.js';

/** All limits are in tokens; null if unknown. */
export interface ModelLimits {
  contextWindow: number | null;
  maxOutput: number | null;
}

const UNKNOWN: ModelLimits = { contextWindow: null, maxOutput: null };

/** The models that users may ask for. If several have the same name, the first one counts. */
export class ModelCatalog {
  #models = new Map<string, OfferedModel>();
  #names = new Map<string, string>();
  #defaultId: string;
  #mayKnowOthers: boolean;

  /** `mayKnowOthers`: a model that is not listed may exist. */
  constructor(models: readonly OfferedModel[], defaultId: string, mayKnowOthers = false) {
    this.#defaultId = defaultId;
    this.#mayKnowOthers = mayKnowOthers;
    for (const model of models) {
      if (this.#models.has(model.id)) continue;
      this.#models.set(model.id, model);
      this.#names.set(model.id, model.id);
    }
    for (const { id, aliases } of this.#models.values()) {
      for (const alias of aliases) {
        if (!this.#names.has(alias)) this.#names.set(alias, id);
      }
    }
  }

  list(): ModelInfo[] {
    return Array.from(this.#models.values(), (model) => ({
      id: model.id,
      name: model.name,
      provider: model.provider,
      default: model.id === this.#defaultId,
      context_window: model.context_window,
      max_output: model.max_output,
      vision: model.vision,
      reasoning: model.reasoning,
      price: model.price,
    }));
  }

  /** The name of its server; null: it is not offered. */
  providerOf(id: string): string | null {
    return this.#models.get(id)?.provider ?? null;
  }

  /** The id of the model with this name; null: it is not offered. */
  find(name: string): string | null {
    return this.#names.get(name) ?? null;
  }

  /** The id of the model with this name. @throws AppError `validation_failed` for a model that is not offered */
  resolve<N extends string | null | undefined>(name: N): N | string {
    if (name == null) return name;
    const id = this.#names.get(name);
    if (id !== undefined) return id;
    throw this.#notOffered();
  }

  /**
   * The id of the model that is asked: the first of these, or the default.
   * @throws AppError `validation_failed` if it was removed since it was chosen
   */
  choose(...ids: readonly (string | null | undefined)[]): string {
    const id = ids.find((each) => each != null) ?? this.#defaultId;
    const known = this.#names.get(id) ?? (this.#mayKnowOthers ? id : undefined);
    if (known !== undefined) return known;
    throw this.#notOffered();
  }

  #notOffered() {
    const valids = `[${[...this.#models.keys()].join(', ')}]`;
    return invalid({ path: 'model', code: 'any.only', values: { valids } });
  }

  get hasPrices(): boolean {
    return [...this.#models.values()].some(({ price }) => price !== null);
  }

  priceOf(id: string | null): Price | null {
    return (id !== null && this.#models.get(id)?.price) || null;
  }

  limitsOf(id: string): ModelLimits {
    const model = this.#models.get(id);
    return model ? { contextWindow: model.context_window, maxOutput: model.max_output } : UNKNOWN;
  }
}
