import type { ModelInfo } from '../../../contract/rest.js';
import type { ModelTexts } from '../../i18n/en/models.js';

/** A model that was chosen and is no longer offered. */
export const isGone = (id: string | null, models: readonly ModelInfo[]): boolean =>
  id !== null && models.length > 0 && models.every((model) => model.id !== id);

/** The known facts of a model, in the reader's language; the separator fits every language. */
export function modelFacts(model: ModelInfo, texts: ModelTexts, language: string): string {
  const count = (tokens: number) => tokens.toLocaleString(language);
  const money = (amount: number, currency: string) =>
    amount.toLocaleString(language, { style: 'currency', currency, maximumFractionDigits: 4 });
  const { context_window, max_output, price } = model;
  return [
    texts.from(model.provider),
    context_window !== null && texts.contextWindow(count(context_window)),
    max_output !== null && texts.maxOutput(count(max_output)),
    model.vision && texts.vision,
    model.reasoning && texts.reasoning,
    price && texts.price(money(price.input, price.currency), money(price.output, price.currency)),
  ]
    .filter(Boolean)
    .join(' · ');
}
