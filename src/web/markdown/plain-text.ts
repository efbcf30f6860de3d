/** Text that is shown unformatted. */
export interface PlainBlock {
  kind: 'plain';
  raw: string;
  text: string;
}

/** Formatted characters of one message. The rest is shown unformatted. */
const FORMATTED_CHARS = 200_000;
/** A browser lays out a whole piece whenever it changes. */
const PIECE_CHARS = 4_000;
/** No script needs this many marks on one letter. Browsers take quadratic time for them. */
const MARKS = /(\p{M}{32})(?=\p{M})/gu;

/** Characters that no text may have. The placeholders of formulas consist of them. */
const NONCHARACTERS = /[\uFDD0-\uFDEF]/g;

/** A text that grows is read from here before its former end: its last characters may change with the next ones. */
const LOOK_BACK = 128;

/** `displayable` of a text that grows, without reading all of it each time. */
export function growingDisplayable(): (text: string) => string {
  let source = '';
  let shown = '';
  return (text) => {
    const isAhead = text.startsWith(source) && source.length > LOOK_BACK && shown === source;
    const from = isAhead ? source.length - LOOK_BACK : 0;
    const end = text.slice(from);
    const safe = displayable(end);
    shown = safe === end && isAhead ? text : displayable(text);
    source = text;
    return shown;
  };
}

/** The text with a blank after each 32 marks on one letter, and without characters that Unicode rules out. */
export const displayable = (text: string): string =>
  text.replace(MARKS, '$1\u00a0').replace(NONCHARACTERS, '\uFFFD');

/**
 * The part that is formatted, and the rest. The split depends only on the text before it, so it stays while text
 * arrives.
 */
export function cutForFormat(text: string): [head: string, rest: string] {
  if (text.length <= FORMATTED_CHARS) return [text, ''];
  const end = lineEnd(text, 0, FORMATTED_CHARS);
  return [text.slice(0, end), text.slice(end)];
}

/** Pieces that end at a line end if there is one. */
export function plainBlocks(text: string): PlainBlock[] {
  const blocks: PlainBlock[] = [];
  for (let from = 0; from < text.length; ) {
    const end = lineEnd(text, from, PIECE_CHARS);
    const piece = text.slice(from, end);
    blocks.push({ kind: 'plain', raw: piece, text: piece });
    from = end;
  }
  return blocks;
}

/**
 * Takes at most `most` characters after `from`: up to the last line break in its second half, or between two
 * characters.
 */
function lineEnd(text: string, from: number, most: number): number {
  const end = from + most;
  if (text.length <= end) return text.length;
  const line = text.lastIndexOf('\n', end - 1);
  if (line >= from + most / 2) return line + 1;
  return isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
