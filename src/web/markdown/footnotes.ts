import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml } from './escape-html.js';

/** The footnotes whose text is known, with their numbers. */
export type Notes = Map<string, string>;

/** A definition, one token of the top level. */
export interface NoteToken extends Tokens.Generic {
  type: 'note';
  label: string;
}

const LABEL = '([^\\]\\s]{1,40})';
const DEFINITION = new RegExp(
  `^\\[\\^${LABEL}\\]:[ \\t]*([^\\n]*(?:\\n(?:[ \\t]{2,}\\S[^\\n]*|[ \\t]*(?=\\n[ \\t]{2,}\\S)))*)(?:\\n+|$)`,
);
/** Matches the beginning of a line that defines a footnote. */
export const NOTE_LINE = /\n\[\^[^\]\s]{1,40}\]:/;
/** Longer paragraphs are not formatted. */
const PARAGRAPH_CHARS = 10_000;
const REFERENCE = new RegExp(`^\\[\\^${LABEL}\\]`);
/** A number is shown as a footnote before its text has come. */
const NUMBER = /^\d{1,3}$/;
const NOTES_MAX = 500;

export const isNote = (token: { type: string }): token is NoteToken => token.type === 'note';

/** Footnotes: `[^1]` in a text, and `[^1]: …` on a line of its own. `notes` gets those that are found. */
export function footnotes(current: {
  notes: Notes;
  done: boolean;
}): TokenizerAndRendererExtension[] {
  return [
    {
      name: 'note',
      level: 'block',
      start: (src) => {
        const at = paragraphOf(src).search(NOTE_LINE);
        return at < 0 ? undefined : at + 1;
      },
      tokenizer(src) {
        const [raw, label, text = ''] = DEFINITION.exec(src) ?? [];
        if (raw === undefined || label === undefined) return undefined;
        addNote(current.notes, label);
        const content = text.replace(/\n[ \t]{1,4}/g, '\n');
        return { type: 'note', raw, label, tokens: this.lexer.blockTokens(content, []) };
      },
      renderer(token) {
        return this.parser.parse(token.tokens ?? []);
      },
    },
    {
      name: 'noteRef',
      level: 'inline',
      start: (src) => {
        const at = src.indexOf('[^');
        return at < 0 ? undefined : at;
      },
      tokenizer(src) {
        const [raw, label] = REFERENCE.exec(src) ?? [];
        if (raw === undefined || label === undefined) return undefined;
        const known = current.notes.has(label) || (!current.done && NUMBER.test(label));
        return known ? { type: 'noteRef', raw, label } : undefined;
      },
      renderer: ({ label }) => {
        const number = current.notes.get(label) ?? label;
        return `<sup data-note="${escapeHtml(label)}">${escapeHtml(number)}</sup>`;
      },
    },
  ];
}

/** Called at each paragraph: looking through the rest of the text would make a long answer quadratic. */
function paragraphOf(src: string): string {
  const near = src.slice(0, PARAGRAPH_CHARS);
  const end = near.search(/\n[ \t]*\n/);
  return end < 0 ? near : near.slice(0, end);
}

/** Notes with a number keep it, others are counted. */
function addNote(notes: Notes, label: string): void {
  if (notes.has(label) || notes.size >= NOTES_MAX) return;
  notes.set(label, NUMBER.test(label) ? label : String(notes.size + 1));
}
