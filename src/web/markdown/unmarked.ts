const LINE_MARK = /(\n|^)[ \t]{0,3}(?:#{1,6}|>|[-*+]|\d{1,9}[.)])[ \t]+/g;
const INLINE_MARK = /\*\*|~~|`+/g;
const LINK = /!?\[([^\]\n]*)\]\([^)\n]*\)/g;

/** A piece of Markdown without its marks, for one line of text. `begins`: the piece begins a line. */
export const unmarked = (text: string, begins: boolean): string =>
  text
    .replace(LINE_MARK, (mark, before: string, at: number) =>
      at === 0 && before === '' && !begins ? mark : before,
    )
    .replace(LINK, '$1')
    .replace(INLINE_MARK, '');
