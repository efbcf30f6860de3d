import type { Prune } from '../domain/retention.js';
import type { Database } from '../ports/repositories/repositories.js';

const LOST_CALLS = 'calls of nodes that are gone';

/** Counts calls whose node is gone, one by one. */
async function countLost(usage: Database['usage'], rows: number): Promise<number> {
  let counted = 0;
  while (counted < rows && (await usage.countLost())) counted += 1;
  return counted;
}

/** Runs every minute: until it is counted, a reservation of a lost call holds some of its user's quota. */
export const lostCalls = ({ usage }: Pick<Database, 'usage'>): Map<string, Prune> =>
  new Map([[LOST_CALLS, (rows) => countLost(usage, rows)]]);

/** The rows that are deleted every hour, by name. With 0 days, the audit log keeps everything. */
export function prunes(
  {
    audit,
    completions,
    imports,
    invitations,
    keys,
    modelWords,
    outbox,
    sessions,
    screens,
    tree,
    usage,
  }: Database,
  auditDays: number,
): Map<string, Prune> {
  const jobs = new Map<string, Prune>([
    ['sessions', (rows) => sessions.prune(rows)],
    ['keys', (rows) => keys.prune(rows)],
    ['list changes', (rows) => screens.prune(rows)],
    // Also here, so that no reservation is deleted before it was counted.
    ...lostCalls({ usage }),
    ['reservations', (rows) => usage.prune(rows)],
    ['completions', (rows) => completions.prune(rows)],
    ['imports', (rows) => imports.prune(rows)],
    ['outbox', (rows) => outbox.prune(rows)],
    ['words of model servers', (rows) => modelWords.prune(rows)],
    ['invitations', (rows) => invitations.prune(rows)],
    ['keys of erased messages', (rows) => tree.prune(rows)],
  ]);
  if (auditDays > 0) jobs.set('audit log', (rows) => audit.prune(auditDays, rows));
  return jobs;
}
