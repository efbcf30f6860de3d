import type { Call } from './model.js';
import { shownText } from './texts.js';

/** The beginning of one call's text, as a part of an answer. */
export interface Part {
  call: Call;
  text: string;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** Text that was cut inside a surrogate pair ends with U+FFFD instead of the first half. */
export function isBeginning(text: string, whole: string): boolean {
  if (whole.startsWith(text)) return true;
  const sound = text.slice(0, -1);
  return (
    text.endsWith('\ufffd') && whole.startsWith(sound) && isHigh(whole.charCodeAt(sound.length))
  );
}

/** A call either begins an answer, or continues a text of which it was given the end. */
const follows = ({ kept }: Call, before: string): boolean =>
  before === '' ? kept === null : kept !== null && before.endsWith(kept);

/** Every text of the model begins with this, so only here can one follow another. */
const FIRST = '«';

function* beginnings(text: string): Generator<string> {
  yield text;
  for (let at = text.lastIndexOf(FIRST); at > 0; at = text.lastIndexOf(FIRST, at - 1))
    yield text.slice(0, at);
}

interface Search {
  calls: readonly Call[];
  /** How the last part must be. */
  isLast(part: Part): boolean;
}

function search(
  before: string,
  rest: string,
  from: number,
  left: number,
  how: Search,
): Part[] | null {
  if (left === 0) return null;
  for (const text of beginnings(rest)) {
    for (const [index, call] of how.calls.entries()) {
      if (index < from || !follows(call, before) || !isBeginning(text, shownText(call.plan.spoken)))
        continue;
      const part = { call, text };
      if (text === rest && how.isLast(part)) return [part];
      const others =
        text === rest
          ? null
          : search(before + text, rest.slice(text.length), index + 1, left - 1, how);
      if (others) return [part, ...others];
    }
  }
  return null;
}

/**
 * The parts of which an answer consists: at most `most`, of different calls in their order, each continuing what is
 * before it. Null if there are none.
 */
export const partsOf = (
  content: string,
  calls: readonly Call[],
  {
    most = Number.POSITIVE_INFINITY,
    isLast = () => true,
  }: { most?: number; isLast?: Search['isLast'] } = {},
): Part[] | null => (content === '' ? [] : search('', content, 0, most, { calls, isLast }));
