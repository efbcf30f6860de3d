import type { Tokenizer } from '../../ports/completion-provider.js';

/** Longer texts are estimated from samples, so that counting never holds the event loop up. */
const EXACT_CHARS = 16_384;
const SAMPLES = 16;
const SAMPLE_CHARS = 1_024;

/**
 * Byte-pair merging is quadratic in what the vocabulary's splitter leaves whole: runs of letters (Chinese without
 * punctuation), of white space, or of signs. Cutting such runs costs at most a token a cut.
 */
const LONG_RUN =
  /[\p{L}\p{M}]{96}(?=[\p{L}\p{M}])|[^\s\p{L}\p{N}]{96}(?=[^\s\p{L}\p{N}])|\s{96}(?=\s)/gu;

/** Markers like `<|endoftext|>` are ordinary text when a user writes them; the default is to throw. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** o200k, the vocabulary of OpenAI's current models. Loading takes a quarter of a second and 60 MB: do it at start. */
export async function loadTokenizer(): Promise<Tokenizer> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const exact = (text: string) => {
    let tokens = 0;
    for (const piece of withoutLongRuns(text)) tokens += countTokens(piece, AS_TEXT);
    return tokens;
  };
  return { count: (text) => (text.length <= EXACT_CHARS ? exact(text) : estimate(text, exact)) };
}

function* withoutLongRuns(text: string): Generator<string> {
  let from = 0;
  for (const run of text.matchAll(LONG_RUN)) {
    const to = run.index + run[0].length;
    yield text.slice(from, to);
    from = to;
  }
  yield text.slice(from);
}

function estimate(text: string, exact: (sample: string) => number): number {
  const step = (text.length - SAMPLE_CHARS) / (SAMPLES - 1);
  let tokens = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const from = Math.floor(i * step);
    tokens += exact(text.slice(from, from + SAMPLE_CHARS));
  }
  return Math.ceil((tokens / (SAMPLES * SAMPLE_CHARS)) * text.length);
}
