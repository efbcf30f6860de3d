import { createRequire } from 'node:module';
import type { Tokenizer } from '../../ports/tokenizer.js';

/**
 * The most of one count that goes to the vocabulary, in ASCII characters; others cost about as much as four. Longer
 * texts are estimated from samples, so that no count blocks the event loop.
 */
export const MOST_WORK = 8_192;
const WORK_OF_OTHERS = 4;
const SAMPLE_CHARS = 256;
/** Samples at multiples of the golden ratio are spread evenly, however many there are. */
const GOLDEN = 0.618_033_988_749_895;

/**
 * Byte-pair merging is quadratic in text that the vocabulary's splitter does not split: letters without a space,
 * white space, signs followed by line ends and slashes. If possible a piece ends before a space, where the splitter
 * would split too; otherwise the cut costs at most one token.
 */
export const PIECE_CHARS = 128;

/** Markers like `<|endoftext|>` are ordinary text when a user writes them; the default is to throw. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };
/** Size of the cache of merged pieces. The default of 100,000 would hold 100 MB of random text. */
const MOST_MERGES = 10_000;

type CountPiece = (piece: string) => number;

/** o200k, the vocabulary of OpenAI's current models. */
function loadVocabulary(): CountPiece {
  const load = createRequire(import.meta.url);
  const vocabulary: typeof import('gpt-tokenizer/encoding/o200k_base') = load(
    'gpt-tokenizer/encoding/o200k_base',
  );
  vocabulary.setMergeCacheSize(MOST_MERGES);
  return (piece) => vocabulary.countTokens(piece, AS_TEXT);
}

/**
 * The tokenizer's vocabulary takes a quarter of a second and 60 MB to load. The first count does it, unless `load` was
 * called before.
 */
export function openTokenizer(): Tokenizer & { load(): void } {
  let loaded: CountPiece | undefined;
  const vocabulary = () => {
    loaded ??= loadVocabulary();
    return loaded;
  };
  return {
    ...createTokenizer((piece) => vocabulary()(piece)),
    load: () => void vocabulary(),
  };
}

/** `countPiece` gets no more than `PIECE_CHARS` at once, and in one count no more than `MOST_WORK` and a sample. */
export function createTokenizer(countPiece: CountPiece): Tokenizer {
  const exact = (text: string) => {
    let tokens = 0;
    for (const piece of pieces(text)) tokens += countPiece(piece);
    return tokens;
  };
  return {
    count: (text) =>
      text.length <= MOST_WORK && workOf(text) <= MOST_WORK ? exact(text) : estimate(text, exact),
  };
}

function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const piece = text.slice(from, from + PIECE_CHARS);
    const length = from + piece.length < text.length ? cutOf(piece) : piece.length;
    yield piece.slice(0, length);
    from += length;
  }
}

/** Cuts before the last space, or at the end, but never between surrogates. */
function cutOf(piece: string): number {
  const space = piece.lastIndexOf(' ');
  if (space > 0) return space;
  return /[\uD800-\uDBFF]$/.test(piece) ? piece.length - 1 : piece.length;
}

function workOf(text: string): number {
  let work = 0;
  for (let i = 0; i < text.length; i++) work += text.charCodeAt(i) < 128 ? 1 : WORK_OF_OTHERS;
  return work;
}

function estimate(text: string, exact: (sample: string) => number): number {
  let tokens = 0;
  let chars = 0;
  for (let i = 0, work = 0; work < MOST_WORK; i++) {
    const from = Math.floor(((i * GOLDEN) % 1) * (text.length - SAMPLE_CHARS));
    const sample = text.slice(from, from + SAMPLE_CHARS);
    tokens += exact(sample);
    chars += sample.length;
    work += workOf(sample);
  }
  return Math.ceil((tokens / chars) * text.length);
}
