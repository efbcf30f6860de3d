import { type ReadonlySignal, signal } from '@preact/signals';
import type { ParleyClient } from '../../client/index.js';
import type { ImportReport } from '../../contract/imports.js';

/** The user's imports, on whatever device they were begun. They go on while the dialog is closed. */
export interface Imports {
  /** The file is on its way. */
  sending: ReadonlySignal<boolean>;
  /** The newest import since the page was opened. */
  report: ReadonlySignal<ImportReport | null>;
  /** Rejects when the file is refused. */
  send(file: File): Promise<void>;
  dispose(): void;
}

/** An event may be lost. */
const LOOK_EVERY_MS = 10_000;

export function createImports(client: Pick<ParleyClient, 'rest' | 'onImport'>): Imports {
  const { rest } = client;
  const sending = signal(false);
  const report = signal<ImportReport | null>(null);
  const take = (next: ImportReport) => {
    const known = report.value;
    const isOlder = known !== null && (next.id < known.id || isPast(next, known));
    if (!isOlder) report.value = next;
  };
  const look = async (id: number) => take(await rest.importReport(id));
  const timer = setInterval(() => {
    const running = report.value;
    if (running?.status === 'running') void look(running.id).catch(() => undefined);
  }, LOOK_EVERY_MS);
  const unsubscribe = client.onImport(take);
  return {
    sending,
    report,
    async send(file) {
      sending.value = true;
      try {
        const { id } = await rest.importFile(file);
        await look(id).catch(() => undefined);
      } finally {
        sending.value = false;
      }
    },
    dispose: () => {
      clearInterval(timer);
      unsubscribe();
    },
  };
}

/** A reply may be older than an event, and come after it. */
const isPast = (next: ImportReport, known: ImportReport): boolean =>
  next.id === known.id &&
  (known.status !== 'running' || (next.status === 'running' && next.found < known.found));
