/** A piece of a line with one colour. The class is empty where there is none. */
export type Run = readonly [text: string, className: string];

const TOKENS = /<span class="([^"]*)">|<\/span>|[^<]+/g;
const ENTITY = /&(?:amp|lt|gt|quot|#x27);/g;
const CHARACTERS: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/** Lines of highlighted code, each with its line break. `html` has only spans with classes, and entities. */
export function runsOf(html: string): readonly Run[][] {
  const lines: Run[][] = [[]];
  const open: string[] = [];
  for (const [token, className] of html.matchAll(TOKENS)) {
    if (className !== undefined) open.push(className);
    else if (token === '</span>') open.pop();
    else
      addText(
        lines,
        token.replace(ENTITY, (entity) => CHARACTERS[entity] ?? entity),
        open.at(-1) ?? '',
      );
  }
  if (lines.at(-1)?.length === 0) lines.pop();
  return lines;
}

function addText(lines: Run[][], text: string, className: string): void {
  for (const piece of text.split(/(?<=\n)/)) {
    lines.at(-1)?.push([piece, className]);
    if (piece.endsWith('\n')) lines.push([]);
  }
}
