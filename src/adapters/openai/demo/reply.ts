import type { DemoTexts } from './texts.js';
import { english } from './texts-en.js';
import { chinese } from './texts-zh.js';

export interface DemoMessage {
  role: string;
  content: string;
}

const QUOTE_CODE_POINTS = 80;

/** The demo model's reply to a conversation. The same conversation always gets the same reply. */
export function composeReply(messages: readonly DemoMessage[]): string {
  const asked = messages.filter(({ role }) => role === 'user');
  const last = asked.at(-1)?.content ?? '';
  const texts = isChinese(last) ? chinese : english;
  const prepared = texts.prepared.find(({ asked }) => asked.test(last));
  if (prepared) return [prepared.answer, `---\n\n${texts.demo}`].join('\n\n');
  const pick = picker(`${asked.length} ${last}`);
  const quoted = quote(last);
  return [
    `## ${pick(texts.titles)}`,
    ...(texts.asks.greeting.test(last) ? [texts.greeting] : []),
    ...(quoted === '' ? [] : [`${texts.quote}\n\n> ${quoted}`]),
    turn(texts, asked.length),
    ...body(texts, last, pick),
    `---\n\n${texts.demo}`,
  ].join('\n\n');
}

function body(texts: DemoTexts, asked: string, pick: Pick): string[] {
  const { asks } = texts;
  if (asks.long.test(asked)) return [...texts.long];
  if (asks.code.test(asked)) return [texts.code];
  if (asks.table.test(asked)) return [texts.table];
  const extra = asks.list.test(asked) ? list(texts) : pick([list(texts), texts.table, texts.code]);
  return [pick(texts.openings), extra];
}

const list = (texts: DemoTexts) => texts.list.map((item) => `- ${item}`).join('\n');

function turn({ turns }: DemoTexts, count: number): string {
  return count <= 1 ? turns.first : turns.later.replace('{turn}', String(count));
}

/** Han characters, but none of the scripts that Japanese and Korean mix them with. */
function isChinese(text: string): boolean {
  return (
    /\p{Script=Han}/u.test(text) &&
    !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text)
  );
}

/** One short line without Markdown or HTML syntax. */
function quote(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const points = [...line];
  const short = points.slice(0, QUOTE_CODE_POINTS).join('');
  const ellipsis = points.length > QUOTE_CODE_POINTS ? '…' : '';
  return short.replace(/[\\`*_[\]<>#|~&]/g, '\\$&') + ellipsis;
}

type Pick = <T>(choices: readonly T[]) => T;

/** Chooses by a hash (FNV-1a) of the seed; each call differs, each run is the same. */
function picker(seed: string): Pick {
  let hash = 0x811c9dc5;
  const mix = (code: number) => {
    hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
  };
  for (let i = 0; i < seed.length; i++) mix(seed.charCodeAt(i));
  return (choices) => {
    mix(choices.length);
    const chosen = choices[(hash >>> 8) % choices.length];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  };
}

/** Cuts a text into pieces of about the size of tokens. Joined, they are the text. */
export function toPieces(text: string): string[] {
  return (
    text.match(
      /[\p{Script=Han}，。！？；：、“”]{1,2}|\s*[\p{L}\p{N}]{1,6}|\s+|[^\s\p{L}\p{N}]{1,3}/gu,
    ) ?? []
  );
}
