import { expect } from 'chai';
import {
  CONNECTION_RULES,
  type ConnectionEvent,
  connectionStep,
  type Stage,
  statusOf,
} from '../../../src/client/connection/connection-machine.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import { ERRORS, type ErrorCode } from '../../../src/contract/errors.js';
import {
  arrowsOf,
  cellOf,
  documentedArrows,
  documentedTable,
  outcomes,
  type Product,
} from './machine-docs.js';

const SECTION = 'The connection of a client';
const NOW = 60_000;
const STABLE_MS = 5_000;

const wire = (code: ErrorCode, retry_after_ms?: number) => {
  const error = { code, message: code, retryable: ERRORS[code].retryable };
  return retry_after_ms === undefined ? error : { ...error, retry_after_ms };
};
const failure = (code: ErrorCode, retryable: boolean) =>
  new ParleyError({ code, message: code, retryable, retry_after_ms: 700 });
const refused = (code: ErrorCode): ConnectionEvent & { type: 'refused' } => {
  return { type: 'refused', error: wire(code) };
};
const disconnected = { type: 'disconnected', now: NOW } as const;

const away = { network: true, first: false, renewed: false };
const product: Product<Stage, ConnectionEvent, { do: string }> = {
  rules: CONNECTION_RULES,
  step: connectionStep,
  nameOf: (effect) => effect.do,
  states: {
    idle: { at: 'idle', network: true },
    connecting: { at: 'connecting', ...away },
    waiting: { at: 'waiting', ...away },
    renewing: { at: 'renewing', ...away },
    online: { at: 'online', network: true, since: NOW - STABLE_MS, ending: null },
    ended: { at: 'ended', network: true, code: 'session_revoked' },
  },
  scenarios: {
    start: { '': { event: { type: 'start' } } },
    stop: { '': { event: { type: 'stop' } } },
    network: {
      back: { event: { type: 'network', online: true }, before: { network: false } },
      away: { event: { type: 'network', online: false } },
    },
    waited: { '': { event: { type: 'waited' } } },
    connected: { '': { event: { type: 'connected', now: NOW } } },
    refused: {
      'no reply': { event: { type: 'refused', error: undefined } },
      'for now': { event: refused('rate_limited') },
      'credentials expired': { event: refused('token_expired') },
      'credentials just renewed': {
        event: refused('token_expired'),
        before: { renewed: true },
      },
      'session over': { event: refused('session_revoked') },
    },
    expiring: { '': { event: { type: 'expiring' } } },
    over: { '': { event: { type: 'over', code: 'session_revoked' } } },
    disconnected: {
      'after 5 s': { event: disconnected },
      sooner: { event: disconnected, before: { since: NOW - STABLE_MS + 1 } },
      'after `over`': { event: disconnected, before: { ending: 'session_revoked' } },
      'after `over`, credentials expired': {
        event: disconnected,
        before: { ending: 'token_expired' },
      },
    },
    renewed: { '': { event: { type: 'renewed' } } },
    unrenewed: {
      'for now': { event: { type: 'unrenewed', error: failure('unavailable', true) } },
      'session over': { event: { type: 'unrenewed', error: failure('session_revoked', false) } },
      'credentials refused': {
        event: { type: 'unrenewed', error: failure('token_expired', true) },
      },
    },
    dead: { '': { event: { type: 'dead' } } },
  },
};
const all = outcomes(product);

/** The last state and the last effects. */
const startThen = (...events: ConnectionEvent[]) => {
  let step = connectionStep({ at: 'idle', network: true }, { type: 'start' });
  for (const event of events) step = connectionStep(step.state, event);
  return { ...step, status: statusOf(step.state).state };
};
const connected = { type: 'connected', now: 0 } as const;
const lost = { type: 'disconnected', now: STABLE_MS } as const;
const unanswered = { type: 'refused', error: undefined } as const;
const waited = { type: 'waited' } as const;
const network = (online: boolean): ConnectionEvent => ({ type: 'network', online });

describe('the connection of a client', () => {
  it('decides every state and event as the architecture page says', () => {
    const states = Object.keys(CONNECTION_RULES);
    const events = Object.keys(CONNECTION_RULES.idle);
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

  it('forgets the network only when it is told of it', () => {
    for (const { before, state, event } of all) {
      if (event.type !== 'network') expect(state.network, event.type).to.equal(before.network);
      const unplugged = connectionStep({ ...before, network: false }, event as ConnectionEvent);
      if (event.type !== 'network') expect(unplugged.state.network).to.equal(false);
    }
  });

  it('shows that it is connecting until it was online, however many tries that takes', () => {
    expect(startThen().status).to.equal('connecting');
    expect(startThen(unanswered).status).to.equal('connecting');
    expect(startThen(unanswered, waited).status).to.equal('connecting');
    expect(startThen(refused('token_expired')).status).to.equal('connecting');
    expect(startThen(connected).status).to.equal('online');
    expect(startThen(connected, lost).status).to.equal('reconnecting');
    expect(startThen(connected, lost, waited).status).to.equal('reconnecting');
    expect(startThen(connected, { type: 'dead' }).status).to.equal('reconnecting');
    expect(startThen({ type: 'stop' }).status).to.equal('offline');
  });

  it('shows that the network is away, and tries on all the same', () => {
    expect(startThen(network(false)).status).to.equal('offline');
    expect(startThen(network(false), unanswered).status).to.equal('offline');
    expect(startThen(network(false), unanswered, waited).state.at).to.equal('connecting');
    expect(startThen(network(false), network(true)).status).to.equal('reconnecting');
    expect(startThen(network(true)).status).to.equal('reconnecting');
    expect(startThen(connected, network(false)).status).to.equal('online');
    expect(startThen(connected, network(false), lost).status).to.equal('offline');
  });

  it('tells why it ended', () => {
    expect(statusOf(startThen(refused('forbidden')).state)).to.deep.equal({
      state: 'ended',
      code: 'forbidden',
    });
    const over = { type: 'over', code: 'account_disabled' } as const;
    expect(statusOf(startThen(connected, over, lost).state).code).to.equal('account_disabled');
    const failed = { type: 'unrenewed', error: failure('refresh_reused', false) } as const;
    expect(statusOf(startThen(refused('token_expired'), failed).state).code).to.equal(
      'refresh_reused',
    );
    const again = startThen(
      refused('token_expired'),
      { type: 'renewed' },
      refused('token_invalid'),
    );
    expect(statusOf(again.state)).to.deep.equal({ state: 'ended', code: 'token_invalid' });
    expect(statusOf(startThen().state).code).to.equal(null);
    expect(statusOf(startThen(connected).state).code).to.equal(null);
  });

  for (const code of ['unauthenticated', 'token_expired', 'token_invalid'] as const) {
    it(`renews credentials that were refused with ${code}, once until it was online`, () => {
      const renewed = [refused(code), { type: 'renewed' }] as const;
      expect(startThen(...renewed, unanswered, waited, refused(code)).state.at).to.equal('ended');
      expect(startThen(...renewed, connected, lost, waited, refused(code)).state.at).to.equal(
        'renewing',
      );
    });
  }

  for (const code of [
    'session_revoked',
    'refresh_reused',
    'account_disabled',
    'forbidden',
    'origin_not_allowed',
    'invalid_credentials',
  ] as const) {
    it(`ends when it is refused with ${code}`, () => {
      expect(startThen(refused(code)).state).to.include({ at: 'ended', code });
    });
  }

  it('waits as long as the server asks for', () => {
    const busy = { type: 'refused', error: wire('rate_limited', 900) } as const;
    expect(startThen(busy).effects).to.deep.equal([{ do: 'retry', atLeastMs: 900 }]);
    const later = { type: 'unrenewed', error: failure('unavailable', true) } as const;
    const { effects } = startThen(refused('token_expired'), later);
    expect(effects).to.deep.equal([{ do: 'retry', atLeastMs: 700 }]);
  });

  it('begins anew after an end, as if for the first time', () => {
    const { state, status } = startThen(connected, { type: 'stop' }, { type: 'start' });
    expect(state).to.deep.equal({ at: 'connecting', ...away, first: true });
    expect(status).to.equal('connecting');
    const renewed = startThen(refused('token_expired'), { type: 'renewed' }, { type: 'stop' });
    expect(connectionStep(renewed.state, { type: 'start' }).state).to.include({ renewed: false });
  });

  it('counts how long it was online from the connection on', () => {
    expect(startThen({ type: 'connected', now: 1 }, lost).effects[0]?.do).to.equal('retry');
    expect(startThen(connected, lost).effects[0]?.do).to.equal('move');
  });
});
