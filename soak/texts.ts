import type { Random } from './random.js';

/**
 * Texts that break careless code: surrogate pairs, joined emoji, combining marks, both directions, line ends, JSON
 * syntax.
 */
const WORDS = [
  'stream',
  'cursor',
  'lease ',
  'naïve',
  'Grüße',
  '你好',
  '世界和平',
  '流式输出。',
  '人工智能网关',
  '𠮷野家',
  '𝒜𝒷',
  'こんにちは',
  '한국어',
  'Привет',
  'שלום',
  'مرحبا',
  'नमस्ते',
  'ไทย',
  '👩‍🚀',
  '👨‍👩‍👧‍👦',
  '👍🏽',
  '🇨🇳',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  '❤️',
  'e\u0301',
  'a\u0308\u0323',
  'Z\u0351\u036b\u0343',
  '"quoted"',
  '\\u0041 \\n',
  "it's",
  '<b>&amp;</b>',
  '```ts\nconst a = 1;\n```\n',
  '| a | b |\n',
  '\n\n',
  '\r\n',
  '\t',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\u0000',
  '0123456789',
] as const;

const LENGTHS: readonly (readonly [weight: number, length: readonly [number, number]])[] = [
  [60, [1, 400]],
  [30, [400, 1_800]],
  [8, [1_800, 6_000]],
  [2, [18_000, 40_000]],
];

function words(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += random.pick(WORDS) + (random.chance(0.5) ? ' ' : '');
  return text;
}

/** The model's text when `key` is asked for the `call`th time. Two texts have only words in common. */
export function spokenText(random: Random, key: string, call: number): string {
  const [min, max] = random.weighted(LENGTHS);
  return `«${key}/${call}» ${words(random, random.int(min, max))} «${key}/${call} ends»`;
}

/** How readers must see a spoken text: Postgres cannot store U+0000. */
export const shownText = (spoken: string): string => spoken.replaceAll('\0', '\ufffd');

/** The same for a text that may end in the middle of a surrogate pair. */
export const shownPart = (said: string): string => Buffer.from(shownText(said)).toString();

/** A question begins with its key. */
export function questionText(random: Random, key: string): string {
  const length = random.chance(0.03) ? random.int(1_000, 4_000) : random.int(5, 120);
  return `[${key}] ${words(random, length).replaceAll('\0', '').trim()}?`;
}

/** Questions without an answer between them arrive as one message, separated by blank lines. The last one is asked. */
export const keyOf = (turn: string): string | null =>
  [...turn.matchAll(/(?:^|\n\n)\[([\w-]+)\] /g)].at(-1)?.[1] ?? null;
