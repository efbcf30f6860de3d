import type { NoteReason, SkipReason } from '../../contract/imports.js';
import { LIMITS } from '../../contract/limits.js';
import type { MessageError } from '../../contract/rest.js';
import type { ImportState } from '../../ports/repositories/import-repository.js';
import { cleanTitle } from './clean.js';

/** The result of an import so far. Its lists are bounded; the counts are not. */
export class ImportCount {
  #state: ImportState = {
    status: 'running',
    found: 0,
    imported: 0,
    duplicates: 0,
    skipped: [],
    notes: [],
    error: null,
  };
  #unknown = 0;

  get state(): ImportState {
    return this.#state;
  }

  found(): void {
    this.#state.found += 1;
  }

  /** Counts what has no known form. */
  unknown(title: string): void {
    this.#unknown += 1;
    this.skipped(title, 'unreadable');
  }

  skipped(title: string, reason: SkipReason): void {
    const { skipped } = this.#state;
    if (skipped.length < LIMITS.importRemarks) skipped.push({ title: cleanTitle(title), reason });
  }

  duplicate(): void {
    this.#state.duplicates += 1;
  }

  imported(title: string, reasons: Iterable<NoteReason>): void {
    const { notes } = this.#state;
    this.#state.imported += 1;
    for (const reason of reasons) {
      if (notes.length < LIMITS.importRemarks) notes.push({ title, reason });
    }
  }

  /** Whether the file has no conversation of a known product. */
  get isForeign(): boolean {
    return this.#unknown > 0 && this.#unknown === this.#state.found;
  }

  end(error: MessageError | null): void {
    this.#state.status = error === null ? 'done' : 'failed';
    this.#state.error = error;
  }
}
