import type { NoteReason } from '../../contract/imports.js';
import { type Loose, listOf, objectOf, textOf } from './loose.js';

interface Content {
  text: string;
  reasoning: string;
}

/** `output` counts before `content`, which has the same as HTML. */
export function contentOf(message: Loose, notes: Set<NoteReason>): Content {
  const output = listOf(message.output).map(objectOf);
  const { text, reasoning } = output.length > 0 ? outputOf(output) : writtenOf(message);
  const files = listOf(message.files).map((file) => fileOf(objectOf(file)));
  if (files.length > 0) notes.add('files_left_out');
  return { text: [text, ...files].filter((piece) => piece !== '').join('\n\n'), reasoning };
}

/** `data:` addresses of pictures have many megabytes. */
const fileOf = ({ type, name }: Loose): string =>
  type === 'image' ? '[image]' : `[file${textOf(name) && `: ${textOf(name)}`}]`;

const piecesOf = (item: Loose): string =>
  listOf(item.content)
    .map((piece) => textOf(objectOf(piece).text))
    .join('');

function outputOf(output: readonly Loose[]): Content {
  const of = (type: string) =>
    output
      .filter((item) => item.type === type)
      .map(piecesOf)
      .filter((piece) => piece !== '')
      .join('\n\n');
  return { text: of('message'), reasoning: of('reasoning') };
}

const OPEN = '<details type="';
const CLOSE = '</details>';
/** The folded parts of that product. Anything else that looks like one belongs to the text. */
const FOLDED = /^(?:reasoning|tool_calls|code_interpreter)"/;
const FOLDED_CHARS = 'code_interpreter"'.length;

/** People's questions have no such parts. */
function writtenOf({ role, content }: Loose): Content {
  const text = textOf(content);
  return role === 'assistant' ? withoutDetails(text) : { text, reasoning: '' };
}

/** Takes out the folded parts, and keeps thoughts apart. Each letter is looked at once. */
function withoutDetails(content: string): Content {
  const texts: string[] = [];
  const thoughts: string[] = [];
  let at = 0;
  for (let open = content.indexOf(OPEN); open >= 0; open = content.indexOf(OPEN, at)) {
    const close = content.indexOf(CLOSE, open);
    if (close < 0) break;
    const inner = content.slice(open, close);
    const type = FOLDED.exec(inner.slice(OPEN.length, OPEN.length + FOLDED_CHARS))?.[0];
    texts.push(content.slice(at, type ? open : close + CLOSE.length));
    if (type === 'reasoning"') thoughts.push(thoughtOf(inner));
    at = close + CLOSE.length;
  }
  const text = [...texts, content.slice(at)].join('').trim();
  return { text, reasoning: thoughts.join('\n\n') };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&gt;', '>'],
  ['&lt;', '<'],
  ['&quot;', '"'],
  ['&#x27;', "'"],
  ['&#39;', "'"],
  ['&amp;', '&'],
]);

/** The lines of a thought are quoted and escaped. */
function thoughtOf(details: string): string {
  const summary = details.indexOf('</summary>');
  const body =
    summary < 0
      ? details.slice(details.indexOf('>') + 1)
      : details.slice(summary + '</summary>'.length);
  const plain = body.replace(
    /&(?:gt|lt|quot|amp|#39|#x27);/g,
    (entity) => ENTITIES.get(entity) ?? entity,
  );
  return plain.replace(/^> ?/gm, '').trim();
}
