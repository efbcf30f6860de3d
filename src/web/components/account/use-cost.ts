import { money } from '../../i18n/formats.js';
import { useApp, useChat } from '../../state/app.js';
import { currencyOf } from '../../state/usage.js';

/** A cost in the page's language; null if it is not known. */
export function useCost(): (cost: number | null) => string | null {
  const language = useApp().preferences.language.value;
  const currency = currencyOf(useChat().models.value);
  return (cost) => (cost === null ? null : money(cost, currency, language));
}
