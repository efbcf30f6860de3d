import type { ModelInfo } from '../../contract/rest.js';
import { invalid } from '../../model/errors.js';

/** The models that users may ask for. */
export class ModelCatalog {
  #models: ModelInfo[];

  constructor(models: ModelInfo[]) {
    this.#models = models;
  }

  list(): ModelInfo[] {
    return this.#models;
  }

  /** @throws AppError `validation_failed` for a model that is not offered */
  check(model: string | null | undefined): void {
    if (model == null || this.#models.some(({ id }) => id === model)) return;
    const valids = `[${this.#models.map(({ id }) => id).join(', ')}]`;
    throw invalid({ path: 'model', code: 'any.only', values: { valids } });
  }
}
