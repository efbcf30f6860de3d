import type { MessageError } from './rest.js';

/** Why a conversation was not imported. */
export type SkipReason = 'empty' | 'unreadable' | 'too_large' | 'too_many_messages';

/** Parts that an imported conversation lacks. */
export type NoteReason = 'text_cut' | 'files_left_out';

export type ImportStatus = 'running' | 'done' | 'failed';

/** `POST /agent/imports`. */
export interface ImportStarted {
  id: number;
  status: ImportStatus;
}

/** `GET /agent/imports/:id`, and the event `import:progress`. Counts are of conversations. */
export interface ImportReport extends ImportStarted {
  found: number;
  imported: number;
  /** Imported before, or the user's own already. */
  duplicates: number;
  /**
   * The first of those that were left out; their number is `found - imported - duplicates` when the import has ended.
   */
  skipped: { title: string; reason: SkipReason }[];
  /** The first of those that were imported without all their contents. */
  notes: { title: string; reason: NoteReason }[];
  /** Why an import is `failed`. */
  error: MessageError | null;
}
