/** Tags that begin a block, also within a paragraph: those of `marked`. */
const TAGS = [
  ...['address', 'article', 'aside', 'base(?:font)?', 'blockquote', 'body', 'caption', 'center'],
  ...['col(?:group)?', 'd[dlt]', 'details', 'dialog', 'dir', 'div', 'fieldset'],
  ...['fig(?:caption|ure)', 'footer', 'form', 'frame(?:set)?', 'h[1-6r]', 'head(?:er)?', 'html'],
  ...['iframe', 'legend', 'li(?:nk)?', 'main', 'menu(?:item)?', 'meta', 'nav', 'noframes'],
  ...['opt(?:group|ion)', '[ou]l', 'p(?:aram)?', 'se(?:arch|ction)', 'summary', 'table'],
  ...['t(?:body|[dhr]|foot|head|itle|rack)'],
];

/** The pattern of a line that begins a block of HTML, also within a paragraph. */
export const BEGINS_HTML = [
  `</?(?:${TAGS.join('|')})(?:[ \\t]|/?>|$)`,
  '<(?:script|pre|style|textarea)(?:[\\s>]|$)|<!--|<\\?|<![A-Za-z]|<!\\[CDATA\\[',
].join('|');

const BEGINS = new RegExp(`^ {0,3}(?:${BEGINS_HTML})`, 'i');
/** Any other tag that is alone on its line begins a block too, but not within a paragraph. */
const TAG_ALONE = /^ {0,3}<(?:[a-z][a-z\d-]*(?:[ \t][^<>]*)?\/?|\/[a-z][a-z\d-]*\s*)>[ \t]*$/i;
/** The beginnings of blocks that go on behind an empty line, each with its end. */
const ENDS: readonly [begins: RegExp, ends: RegExp][] = [
  [/^ *<script[\s>]/i, /<\/script>/i],
  [/^ *<pre[\s>]/i, /<\/pre>/i],
  [/^ *<style[\s>]/i, /<\/style>/i],
  [/^ *<textarea[\s>]/i, /<\/textarea>/i],
  [/^ *<!--/, /-->/],
  [/^ *<\?/, /\?>/],
  [/^ *<!\[CDATA\[/, /\]\]>/],
  [/^ *<![A-Za-z]/, />/],
];
const EMPTY = /^[ \t]*$/;

/** What ends the block of HTML that a line begins. Null: it begins none. */
export function htmlBegunBy(line: string, inParagraph: boolean): RegExp | null {
  if (!BEGINS.test(line) && (inParagraph || !TAG_ALONE.test(line))) return null;
  return ENDS.find(([begins]) => begins.test(`${line}\n`))?.[1] ?? EMPTY;
}
