import type { AckData, RoomEvent } from '../../contract/events.js';
import { createReducer, go, type Rules, type Step as StepOf, stay } from '../machine.js';
import type { ParleyError } from '../parley-error.js';
import type { ConversationPhase } from './conversation-state.js';

type Opened = AckData<'conversation:open'>;

/** A read holds at most this many events. If more arrive, the conversation is read again. */
export const HELD_EVENTS_MAX = 4_096;

interface Base {
  /** Counts reads. Only the reply to the last one counts, and only while it is awaited. */
  readonly reads: number;
  /** The leaf of the branch that only this device looks at; null: the active branch is shown. */
  readonly lookingAt: number | null;
}

interface Awaiting extends Base {
  /** Events that came since the read was asked for. Its reply may not contain them. */
  readonly held: readonly RoomEvent[];
}

/**
 * How far a conversation is in step with the server. `away`: not connected. `refused`: it could not be opened, and the
 * next try waits. `rereading`: a read is under way, and the shown messages stay.
 */
export type Reading =
  | (Base & { readonly at: 'away' })
  | (Awaiting & { readonly at: 'opening' })
  | (Base & { readonly at: 'refused' })
  | (Base & { readonly at: 'open' })
  | (Awaiting & { readonly at: 'rereading' })
  | (Base & { readonly at: 'gone' });

export type ReadingEvent =
  /** Connected; `whole`: events may have been lost. */
  | { readonly type: 'connected'; readonly whole: boolean }
  | { readonly type: 'lost' }
  | { readonly type: 'deleted' }
  /** The deletion of the conversation was undone. */
  | { readonly type: 'restored' }
  /** Something may have changed without an event. */
  | { readonly type: 'stale' }
  /** The branch that is shown has changed, and is not all here. */
  | { readonly type: 'changed' }
  /** Another branch became active, and its messages do not come by themselves. */
  | { readonly type: 'strayed' }
  /** Something is missing in what is shown. */
  | { readonly type: 'lacking'; readonly whole: boolean }
  /** Another branch is shown, or the same one has another leaf. */
  | { readonly type: 'looked'; readonly leafId: number | null }
  /** The wait for the next try is over. */
  | { readonly type: 'waited' }
  | { readonly type: 'received'; readonly event: RoomEvent }
  | {
      readonly type: 'replied';
      readonly read: number;
      readonly data: Opened;
      readonly whole: boolean;
    }
  /** The reply was taken in. `enough`: no message is missing, only the texts of the answers in `resume`. */
  | {
      readonly type: 'merged';
      readonly data: Opened;
      readonly enough: boolean;
      readonly resume: readonly number[];
    }
  | { readonly type: 'failed'; readonly read: number; readonly error: ParleyError };

export type ReadingEffect =
  /** Asks for all messages, or only for those at the end if no others can have changed. */
  | { readonly do: 'read'; readonly read: number; readonly whole: boolean }
  | { readonly do: 'merge'; readonly data: Opened; readonly whole: boolean }
  /** Shows what was read. */
  | { readonly do: 'show'; readonly data: Opened; readonly resume: readonly number[] }
  | { readonly do: 'apply'; readonly event: RoomEvent }
  /** These run one after the other, because each may change the state. */
  | { readonly do: 'receive'; readonly events: readonly RoomEvent[] }
  /** Shows why it could not be opened. */
  | { readonly do: 'explain'; readonly error: ParleyError }
  | { readonly do: 'retry'; readonly atLeastMs: number | undefined }
  /** Forgets failures. */
  | { readonly do: 'calm' }
  /** Drops pending replies and timers. */
  | { readonly do: 'drop' };

type Step = StepOf<Reading, ReadingEffect>;
type At<A extends Reading['at']> = Extract<Reading, { readonly at: A }>;
type Event<T extends ReadingEvent['type']> = Extract<ReadingEvent, { readonly type: T }>;
type Asked = 'opening' | 'rereading';

/** Replaces an earlier read. Events that were held for that one are dropped: the new reply contains them. */
const ask = (at: Asked, { reads, lookingAt }: Base, whole: boolean, ...first: ReadingEffect[]) =>
  go<Reading, ReadingEffect>({ at, reads: reads + 1, lookingAt, held: [] }, ...first, {
    do: 'read',
    read: reads + 1,
    whole,
  });

const open = (reading: Base, { whole }: Event<'connected'>): Step =>
  ask('opening', reading, whole, { do: 'calm' });
const openAgain = (reading: Base, { whole }: Event<'lacking'>): Step =>
  ask('opening', reading, whole);
/** The conversation may have been restored while the device heard nothing of it. */
const openAnew = (reading: Base): Step => ask('opening', reading, true, { do: 'calm' });
const openWhole = (reading: Base): Step => ask('opening', reading, true);
const openEnd = (reading: Base): Step => ask('opening', reading, false);
const rereadWhole = (reading: Base): Step => ask('rereading', reading, true);
const rereadEnd = (reading: Base): Step => ask('rereading', reading, false);

const lose = ({ reads, lookingAt }: Base): Step =>
  go({ at: 'away', reads, lookingAt }, { do: 'drop' });

const remove = ({ reads, lookingAt }: Base): Step =>
  go({ at: 'gone', reads, lookingAt }, { do: 'drop' });

const look = <S extends Base>(reading: S, { leafId }: Event<'looked'>): StepOf<S, never> =>
  stay(leafId === reading.lookingAt ? reading : { ...reading, lookingAt: leafId });

const hold = (reading: At<Asked>, { event }: Event<'received'>): Step =>
  reading.held.length < HELD_EVENTS_MAX
    ? stay({ ...reading, held: [...reading.held, event] })
    : stay(reading);

const merge = (reading: At<Asked>, { read, data, whole }: Event<'replied'>): Step =>
  read === reading.reads ? go(reading, { do: 'merge', data, whole }) : stay(reading);

/** Receives the held events. If some did not fit, the conversation is read again instead. */
const release = ({ reads, lookingAt, held }: Awaiting, ...first: ReadingEffect[]): Step =>
  held.length < HELD_EVENTS_MAX
    ? go({ at: 'open', reads, lookingAt }, ...first, { do: 'receive', events: held })
    : ask('opening', { reads, lookingAt }, false, ...first);

const show = (reading: At<Asked>, { data, enough, resume }: Event<'merged'>): Step =>
  enough ? release(reading, { do: 'show', data, resume }) : ask(reading.at, reading, true);

/** The conversation may exist without the branch that this device looks at. */
const notFound = (reading: At<Asked>): Step =>
  reading.lookingAt === null
    ? remove(reading)
    : ask(reading.at, { ...reading, lookingAt: null }, true);

const later = ({ retryAfterMs }: ParleyError): ReadingEffect => ({
  do: 'retry',
  atLeastMs: retryAfterMs,
});

const fail = (reading: At<'opening'>, { read, error }: Event<'failed'>): Step => {
  if (read !== reading.reads) return stay(reading);
  if (error.code === 'not_found') return notFound(reading);
  const { reads, lookingAt } = reading;
  return go({ at: 'refused', reads, lookingAt }, { do: 'explain', error }, later(error));
};

/** The shown messages are as good as before the read, so the held events apply to them. */
const goOn = (reading: At<'rereading'>, { read, error }: Event<'failed'>): Step => {
  if (read !== reading.reads) return stay(reading);
  return error.code === 'not_found' ? notFound(reading) : release(reading, later(error));
};

/** Nothing is read until the client is connected. */
const still = {
  lost: stay,
  restored: stay,
  stale: stay,
  changed: stay,
  strayed: stay,
  lacking: stay,
  looked: look,
  waited: stay,
  received: stay,
  replied: stay,
  merged: stay,
  failed: stay,
};

const connected = {
  ...still,
  connected: open,
  lost: lose,
  deleted: remove,
  changed: openWhole,
  strayed: openWhole,
  lacking: openAgain,
};

const asked = { ...connected, received: hold, replied: merge, merged: show };

export const READING_RULES: Rules<Reading, ReadingEvent, ReadingEffect> = {
  away: { ...still, connected: open, deleted: remove },
  opening: { ...asked, failed: fail },
  refused: { ...connected, waited: openEnd },
  open: {
    ...connected,
    stale: rereadEnd,
    changed: rereadWhole,
    strayed: rereadWhole,
    waited: rereadEnd,
    received: (reading, { event }) => go(reading, { do: 'apply', event }),
  },
  rereading: { ...asked, changed: rereadWhole, strayed: rereadWhole, failed: goOn },
  gone: { ...still, connected: openAnew, deleted: stay, restored: openAnew },
};

export const readingStep = /* @__PURE__ */ createReducer(READING_RULES);

export const phaseOf = ({ at }: Reading): ConversationPhase =>
  at === 'rereading' ? 'open' : at === 'open' || at === 'gone' ? at : 'opening';
