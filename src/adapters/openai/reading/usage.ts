import type { TokenCounts } from '../../../ports/completion-provider.js';
import { isObject } from '../text-names.js';

/** Reads the names of chat completions or of the Responses API; null if it is not a usage. */
export function readUsage(usage: unknown): TokenCounts | null {
  if (!isObject(usage)) return null;
  const prompt = usage.prompt_tokens ?? usage.input_tokens;
  const completion = usage.completion_tokens ?? usage.output_tokens;
  const total = usage.total_tokens;
  if (!isCount(prompt) || !isCount(completion)) return null;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: isCount(total) ? total : prompt + completion,
    cached_tokens: firstCount(
      within(usage.prompt_tokens_details ?? usage.input_tokens_details, 'cached_tokens'),
      usage.prompt_cache_hit_tokens,
      usage.cache_read_input_tokens,
    ),
    reasoning_tokens: firstCount(
      within(usage.completion_tokens_details ?? usage.output_tokens_details, 'reasoning_tokens'),
      usage.reasoning_tokens,
    ),
    estimated: false,
  };
}

const within = (details: unknown, name: string): unknown =>
  isObject(details) ? details[name] : undefined;

/** Counts for a part of the prompt or of the completion. Servers that do not count it send none. */
const firstCount = (...values: unknown[]): number => values.find(isCount) ?? 0;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
