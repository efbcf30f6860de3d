import type { NoteReason, SkipReason } from '../../../contract/imports.js';

const skipped: Record<SkipReason, string> = {
  empty: 'no messages',
  unreadable: 'unreadable or damaged',
  too_large: 'too large',
  too_many_messages: 'too many messages',
};

const notes: Record<NoteReason, string> = {
  text_cut: 'long texts were cut off',
  files_left_out: 'without pictures and files',
};

const failures: Record<string, string> = {
  malformed_json: 'The file is damaged or incomplete.',
  unknown_format: 'There are no conversations in this file that can be imported.',
  payload_too_large: 'The file unpacks to more than the server allows.',
  archive_damaged: 'The zip file is damaged or incomplete.',
  archive_encrypted: 'The zip file is encrypted. Unpack it, and import the files in it.',
  archive_unsafe: 'The zip file is not safe to open.',
  interrupted: 'The import was interrupted. Import the file again; nothing is added twice.',
};

const many = (count: number): string => (count === 1 ? '1 conversation' : `${count} conversations`);

/** Texts of imports and exports. */
export const importsEn = {
  title: 'Import conversations',
  hint: 'From Parley, ChatGPT, LibreChat or Open WebUI: the exported zip or JSON file.',
  choose: 'Choose file',
  sending: 'Sending the file…',
  running: (found: number) => `Importing: ${many(found)} so far…`,
  imported: (count: number) => `Imported ${many(count)}.`,
  duplicates: (count: number) => `Already here: ${count}.`,
  leftOut: (count: number) => `Not imported: ${count}.`,
  details: 'Details',
  untitled: 'Untitled',
  reason: (title: string, reason: string) => `${title}: ${reason}`,
  skipped,
  notes,
  failures,
  tooLarge: 'The file is larger than this server allows.',
  busy: 'Another import is still running. Try again when it has ended.',
  failed: 'The import failed.',
  exportMarkdown: 'Export as Markdown',
  exportJson: 'Export as JSON',
};

export type ImportTexts = typeof importsEn;
