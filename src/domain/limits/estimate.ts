/** The tokens that an answer will probably use. */
export interface Estimate {
  /** Tokens of its prompt. */
  prompt: number;
  /** Prompt and answer together: what it reserves. */
  tokens: number;
}

/** A token has about four bytes, in English and in Chinese. */
const BYTES_PER_TOKEN = 4;

/** Tokens of a text, roughly. */
export const roughTokens = (text: string): number =>
  Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/**
 * The prompt and `max_tokens`. If nothing limits the answer, `reserveTokens` for both, or the prompt if that is larger:
 * an answer reserves more while it runs.
 */
export const estimated = (
  prompt: number,
  maxTokens: number | null,
  reserveTokens: number,
): Estimate => ({
  prompt,
  tokens: maxTokens === null ? Math.max(reserveTokens, prompt) : prompt + maxTokens,
});
