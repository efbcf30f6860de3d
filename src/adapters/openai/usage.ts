import type { Usage } from '../../contract/rest.js';
import { isObject } from './read-text.js';

/** With the names of chat completions or of the Responses API; null if it is not a usage. */
export function readUsage(usage: unknown): Usage | null {
  if (!isObject(usage)) return null;
  const prompt = usage.prompt_tokens ?? usage.input_tokens;
  const completion = usage.completion_tokens ?? usage.output_tokens;
  const total = usage.total_tokens;
  if (!isCount(prompt) || !isCount(completion)) return null;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: isCount(total) ? total : prompt + completion,
    estimated: false,
  };
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
