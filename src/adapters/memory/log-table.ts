import { type Piece, type Spoken, spoken } from '../../contract/spoken.js';
import { longer, NOTHING } from '../engine/longer.js';

/** Deltas of one answer: `deltas[i]` is seq `i + 1` of `attempt`. */
export interface LogEntry {
  attempt: number;
  /** The owner that began the attempt. */
  owner: string;
  deltas: Piece[];
  /** Longest text of the attempts before. */
  longestBefore: Spoken;
  expiresAt: number;
}

/** A log without writes expires after an hour, like its Redis twin. */
const RUNNING_TTL_MS = 3_600_000;
const RETIRED_TTL_MS = 60_000;
const SWEEP_EVERY_MS = 15_000;

export interface LogTable {
  get(messageId: number): LogEntry | undefined;
  /** Starts `attempt`, keeping the longest text so far. */
  start(messageId: number, attempt: number, owner: string): LogEntry;
  touch(entry: LogEntry): void;
  retire(messageId: number): void;
  stop(): void;
}

export const longestOf = (entry: LogEntry): Spoken =>
  longer(entry.longestBefore, spoken(entry.deltas));

export function createLogTable(now: () => number = Date.now): LogTable {
  const entries = new Map<number, LogEntry>();

  const sweep = setInterval(() => {
    const time = now();
    for (const [id, entry] of entries) if (entry.expiresAt <= time) entries.delete(id);
  }, SWEEP_EVERY_MS).unref();

  return {
    get: (messageId) => entries.get(messageId),

    start(messageId, attempt, owner) {
      const before = entries.get(messageId);
      const entry: LogEntry = {
        attempt,
        owner,
        deltas: [],
        longestBefore: before ? longestOf(before) : NOTHING,
        expiresAt: now() + RUNNING_TTL_MS,
      };
      entries.set(messageId, entry);
      return entry;
    },

    touch(entry) {
      entry.expiresAt = now() + RUNNING_TTL_MS;
    },

    retire(messageId) {
      const entry = entries.get(messageId);
      if (entry) entry.expiresAt = now() + RETIRED_TTL_MS;
    },

    stop() {
      clearInterval(sweep);
      entries.clear();
    },
  };
}
