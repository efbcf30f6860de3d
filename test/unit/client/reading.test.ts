import { expect } from 'chai';
import {
  HELD_EVENTS_MAX,
  phaseOf,
  READING_RULES,
  type Reading,
  type ReadingEffect,
  type ReadingEvent,
  readingStep,
} from '../../../src/client/conversation/reading-machine.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import type { ErrorCode } from '../../../src/contract/errors.js';
import type { AckData, RoomEvent } from '../../../src/contract/events.js';
import { conversation } from './conversation-model.js';
import {
  arrowsOf,
  cellOf,
  documentedArrows,
  documentedTable,
  outcomes,
  type Product,
} from './machine-docs.js';

const SECTION = 'An open conversation of a client';
const READS = 3;

const event: RoomEvent = {
  name: 'presence:changed',
  payload: { conversation_id: 1, user_ids: [] },
};
const full = Array.from<RoomEvent>({ length: HELD_EVENTS_MAX }).fill(event);
const data: AckData<'conversation:open'> = {
  ...{ conversation: conversation(null), messages: [], has_more: false, live: [] },
  ...{ members: [], presence: [] },
};
const replied = { type: 'replied', read: READS, data, whole: true } as const;
const merged = { type: 'merged', enough: true, data, resume: [] } as const;
const failed = (code: ErrorCode, read = READS) => {
  const error = new ParleyError({ code, message: code, retryable: true, retry_after_ms: 900 });
  return { type: 'failed', read, error } as const;
};

const base = { reads: READS, lookingAt: null };
const product: Product<Reading, ReadingEvent, ReadingEffect> = {
  rules: READING_RULES,
  step: readingStep,
  nameOf: (effect) =>
    effect.do === 'read' ? `read ${effect.whole ? 'all' : 'the end'}` : effect.do,
  states: {
    away: { at: 'away', ...base },
    opening: { at: 'opening', ...base, held: [event] },
    refused: { at: 'refused', ...base },
    open: { at: 'open', ...base },
    rereading: { at: 'rereading', ...base, held: [event] },
    gone: { at: 'gone', ...base },
  },
  scenarios: {
    connected: {
      '': { event: { type: 'connected', whole: false } },
      whole: { event: { type: 'connected', whole: true } },
    },
    lost: { '': { event: { type: 'lost' } } },
    deleted: { '': { event: { type: 'deleted' } } },
    restored: { '': { event: { type: 'restored' } } },
    stale: { '': { event: { type: 'stale' } } },
    changed: { '': { event: { type: 'changed' } } },
    strayed: { '': { event: { type: 'strayed' } } },
    lacking: {
      '': { event: { type: 'lacking', whole: false } },
      whole: { event: { type: 'lacking', whole: true } },
    },
    looked: {
      '': { event: { type: 'looked', leafId: 7 } },
      'at the same': { event: { type: 'looked', leafId: 7 }, before: { lookingAt: 7 } },
    },
    waited: { '': { event: { type: 'waited' } } },
    received: {
      '': { event: { type: 'received', event } },
      'no room': { event: { type: 'received', event }, before: { held: full } },
    },
    replied: {
      '': { event: replied },
      'to an earlier read': { event: { ...replied, read: READS - 1 } },
    },
    merged: {
      enough: { event: merged },
      'enough, no room': { event: merged, before: { held: full } },
      'too little': { event: { ...merged, enough: false } },
    },
    failed: {
      '': { event: failed('unavailable') },
      'no room': { event: failed('unavailable'), before: { held: full } },
      'not found': { event: failed('not_found') },
      'not found, looking': { event: failed('not_found'), before: { lookingAt: 7 } },
      'an earlier read': { event: failed('not_found', READS - 1) },
    },
  },
};
const all = outcomes(product);

const steps = (...events: ReadingEvent[]) => {
  let step = readingStep(
    { at: 'away', reads: 0, lookingAt: null },
    { type: 'connected', whole: false },
  );
  for (const each of events) step = readingStep(step.state, each);
  return step;
};

describe('the reading of an open conversation', () => {
  it('decides every state and event as the architecture page says', () => {
    const states = Object.keys(READING_RULES);
    const events = Object.keys(READING_RULES.away);
    expect(Object.keys(product.states)).to.have.members(states);
    expect(Object.keys(product.scenarios)).to.have.members(events);
    const table: Record<string, Record<string, string>> = {};
    for (const outcome of all) {
      table[outcome.row] = {
        ...table[outcome.row],
        [outcome.before.at]: cellOf(outcome, product.nameOf),
      };
    }
    expect(documentedTable(SECTION)).to.deep.equal(table);
  });

  it('moves along the arrows of the diagram, and no others', () => {
    expect(documentedArrows(SECTION)).to.deep.equal(arrowsOf(all));
  });

  it('numbers its reads, so that only the reply to the last one counts', () => {
    for (const { before, state, effects, row } of all) {
      const reads = effects.filter((effect) => effect.do === 'read').map(({ read }) => read);
      expect(reads, row).to.deep.equal(state.reads === before.reads ? [] : [before.reads + 1]);
      expect(state.reads - before.reads, row).to.equal(reads.length);
    }
  });

  it('keeps the branch that is looked at, unless another is chosen or it is not found', () => {
    for (const { before, event, row } of all) {
      const looking = { ...before, lookingAt: 7 };
      const { state } = readingStep(looking, event as ReadingEvent);
      const isChosen = event.type === 'looked';
      const isLost = state.lookingAt === null && row.includes('not found');
      expect(isChosen || isLost || state.lookingAt === 7, row).to.equal(true);
    }
  });

  it('returns to the active branch when the one that is looked at is not found', () => {
    for (const state of [product.states.opening, product.states.rereading]) {
      const step = readingStep({ ...state, lookingAt: 7 }, failed('not_found'));
      expect(step.state).to.include({ at: state.at, lookingAt: null });
    }
  });

  it('gives the events that came before the reply, in their order, once the reply is shown', () => {
    const second: RoomEvent = { ...event, payload: { conversation_id: 1, user_ids: [2] } };
    const { effects } = steps(
      { type: 'received', event },
      { type: 'received', event: second },
      { ...merged, resume: [5] },
    );
    expect(effects).to.deep.equal([
      { do: 'show', data, resume: [5] },
      { do: 'receive', events: [event, second] },
    ]);
  });

  it('holds no events for an earlier read', () => {
    for (const { state, effects, row } of all) {
      if (!effects.some((effect) => effect.do === 'read')) continue;
      expect(state, row).to.have.deep.property('held', []);
    }
  });

  it('explains why it cannot be opened, and waits as long as the server asks for', () => {
    const { error } = failed('unavailable', 1);
    expect(steps(failed('unavailable', 1)).effects).to.deep.equal([
      { do: 'explain', error },
      { do: 'retry', atLeastMs: 900 },
    ]);
  });

  it('shows what it has while it reads again', () => {
    expect(phaseOf(steps().state)).to.equal('opening');
    expect(phaseOf(steps(failed('unavailable', 1)).state)).to.equal('opening');
    expect(phaseOf(steps(merged).state)).to.equal('open');
    expect(phaseOf(steps(merged, { type: 'stale' }).state)).to.equal('open');
    expect(phaseOf(steps(merged, { type: 'lost' }).state)).to.equal('opening');
    expect(phaseOf(steps({ type: 'deleted' }).state)).to.equal('gone');
  });
});
