import type { Price } from '../../../contract/rest.js';
import type { TokenCounts } from '../../../ports/completion-provider.js';

/** Prices are per million tokens. Null without a price. */
export function costOf(
  { prompt_tokens, completion_tokens }: TokenCounts,
  price: Price | null,
): number | null {
  if (!price) return null;
  const millionths = prompt_tokens * price.input + completion_tokens * price.output;
  return Number((millionths / 1_000_000).toFixed(10));
}
