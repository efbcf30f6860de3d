import type { Cursor } from '../../contract/events.js';
import { onWire, type Piece, spoken } from '../../contract/spoken.js';
import type { AppendResult, LiveLog, LogKey, LogSlice } from '../../ports/live-log.js';
import { deltaEvent } from '../engine/delta-event.js';
import { NOTHING } from '../engine/longer.js';
import type { MemoryHub } from './hub.js';
import { type LogEntry, longestOf } from './log-table.js';

/** The position of an append at `cursor` relative to the log. Only `next` changes it. */
function place(entry: LogEntry | undefined, { attempt, seq }: Cursor): AppendResult | 'next' {
  if (!entry || entry.attempt < attempt) return 'missing';
  if (entry.attempt > attempt) return 'fenced';
  const last = entry.deltas.length;
  if (last === seq - 1) return 'next';
  return last === seq ? 'appended' : 'missing';
}

const isAnothers = (entry: LogEntry | undefined, attempt: number, owner: string): boolean =>
  entry !== undefined &&
  (entry.attempt > attempt || (entry.attempt === attempt && entry.owner !== owner));

function slice(entry: LogEntry, cursor: Cursor): LogSlice {
  const { attempt } = entry;
  const last = entry.deltas.length;
  const fromSeq = cursor.attempt === attempt ? cursor.seq : 0;
  if (fromSeq > last) return { attempt, fromSeq, seq: fromSeq, text: '' };
  return { attempt, fromSeq, seq: last, ...onWire(spoken(entry.deltas.slice(fromSeq))) };
}

/** The live log in one process; every step is atomic because nothing in it waits. */
export function createMemoryLog(hub: MemoryHub): LiveLog {
  const { logs } = hub;

  return {
    async begin({ messageId }, attempt, owner = '') {
      const entry = logs.get(messageId);
      if (isAnothers(entry, attempt, owner)) return 'fenced';
      if (entry?.attempt !== attempt) logs.start(messageId, attempt, owner);
      return 'appended';
    },

    async append(key: LogKey, cursor: Cursor, delta: Piece) {
      const entry = logs.get(key.messageId);
      const found = place(entry, cursor);
      if (found !== 'next' || !entry) return found === 'next' ? 'missing' : found;
      entry.deltas.push(delta);
      logs.touch(entry);
      hub.deliver(key.conversationId, deltaEvent(key, cursor, delta));
      return 'appended';
    },

    async rewrite(key, attempt, deltas, owner = '') {
      const entry = logs.get(key.messageId);
      if (isAnothers(entry, attempt, owner)) return 'fenced';
      const current =
        entry?.attempt === attempt ? entry : logs.start(key.messageId, attempt, owner);
      current.deltas = [...deltas];
      logs.touch(current);
      hub.resync(key.conversationId);
      return 'appended';
    },

    async read({ messageId }, cursor) {
      const entry = logs.get(messageId);
      return entry ? slice(entry, cursor) : null;
    },

    async longest({ messageId }) {
      const entry = logs.get(messageId);
      return entry ? longestOf(entry) : NOTHING;
    },

    async retire({ messageId }) {
      logs.retire(messageId);
    },

    async publish(conversationId, event) {
      hub.deliver(conversationId, event);
      return 'appended';
    },

    async resync(conversationId) {
      hub.resync(conversationId);
    },

    /** Nothing can be lost here. */
    async verify() {},

    onRecovered: () => ({ close() {} }),

    async subscribe(conversationId, reader) {
      return hub.subscribe(conversationId, reader);
    },
  };
}
