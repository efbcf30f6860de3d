import type { NoteReason } from '../../contract/imports.js';
import { isObject, type Loose, listOf, objectOf, textOf, wordOf } from './loose.js';

interface Content {
  text: string;
  reasoning: string;
}

const NOTHING: Content = { text: '', reasoning: '' };

/** Tool calls, their results, and other things that the page showed beside the text. */
const ASIDE: ReadonlySet<string> = new Set([
  'code',
  'execution_output',
  'reasoning_recap',
  'user_editable_context',
  'model_editable_context',
  'tether_browsing_display',
  'tether_quote',
  'system_error',
]);

/** The text of a message, and the thoughts behind it. */
export function contentOf(message: Loose, notes: Set<NoteReason>): Content {
  const content = objectOf(message.content);
  const type = textOf(content.content_type);
  if (listOf(objectOf(message.metadata).attachments).length > 0) notes.add('files_left_out');
  if (type === 'thoughts') return { text: '', reasoning: thoughtsOf(content) };
  if (ASIDE.has(type)) return NOTHING;
  const parts = listOf(content.parts).map((part) => partOf(part, notes));
  const text = withoutMarkers(cited(parts.filter((part) => part !== '').join('\n'), message));
  return message.channel === 'analysis' ? { text: '', reasoning: text } : { text, reasoning: '' };
}

const thoughtsOf = (content: Loose): string =>
  listOf(content.thoughts)
    .map(objectOf)
    .map(({ summary, content: thought }) => textOf(thought) || textOf(summary))
    .filter((thought) => thought !== '')
    .join('\n\n');

function partOf(part: unknown, notes: Set<NoteReason>): string {
  if (!isObject(part)) return textOf(part);
  const text = textOf(part.text);
  if (text !== '') return text;
  notes.add('files_left_out');
  return part.content_type === 'image_asset_pointer' ? '[image]' : '';
}

interface Citation {
  start: number;
  end: number;
  link: string;
}

function citationOf(value: unknown): Citation[] {
  const { start_ix: start, end_ix: end, metadata } = objectOf(value);
  const { title, url } = objectOf(metadata);
  const address = textOf(url);
  const isLink = /^https?:\/\/[^\s()<>]+$/i.test(address);
  if (typeof start !== 'number' || typeof end !== 'number' || start >= end || !isLink) return [];
  const label =
    textOf(title)
      .replace(/[[\]\s]+/g, ' ')
      .trim() || address;
  return [{ start, end, link: `[${label}](${address})` }];
}

/** Offsets are those of the original text, so the last one comes first. */
function cited(text: string, message: Loose): string {
  const citations = listOf(objectOf(message.metadata).citations).flatMap(citationOf);
  const pieces: string[] = [];
  let from = text.length;
  for (const { start, end, link } of citations.sort((a, b) => b.start - a.start)) {
    if (start < 0 || end > from) continue;
    pieces.push(text.slice(end, from), link);
    from = start;
  }
  return [...pieces, text.slice(0, from)].reverse().join('');
}

/** Newer files mark references by letters of the private use area, which nobody can show. */
const withoutMarkers = (text: string): string =>
  text.includes('\ue200') ? text.replace(/\ue200[^\ue200\ue201]*\ue201/g, '') : text;

/** The model that answered. */
export const modelOf = (message: Loose): string | null => {
  const { resolved_model_slug, model_slug } = objectOf(message.metadata);
  return wordOf(resolved_model_slug) ?? wordOf(model_slug);
};
