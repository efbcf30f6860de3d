import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import type { ErrorCode } from '../../../src/contract/errors.js';
import type { Standing } from '../../../src/domain/rights/session-standing.js';
import { Recent } from '../../../src/gateway/sessions/recent.js';
import { SessionWatch } from '../../../src/gateway/sessions/session-watch.js';
import type { ParleyServer, ParleySocket } from '../../../src/gateway/types.js';

const HOUR_MS = 3_600_000;

/** A server that no socket has reached yet. */
const emptyServer = () =>
  ({
    of: () => ({ sockets: new Map(), adapter: { rooms: new Map() } }),
  }) as unknown as ParleyServer;

function socketOf(sessionId: string, userId = 1) {
  const told: ErrorCode[] = [];
  const socket = {
    connected: true,
    data: { principal: { sessionId, userId, expiresAt: Date.now() + HOUR_MS, username: 'old' } },
    emit: (_name: string, { code }: { code: ErrorCode }) => told.push(code),
    disconnect() {
      socket.connected = false;
    },
  };
  return { socket: socket as unknown as ParleySocket, told };
}

describe('A socket on its way in', () => {
  const engine = createMemoryEngine();
  const now = { username: 'new', roles: [], permissions: new Set<never>() };
  const standing = async (ids: readonly string[]) =>
    new Map<string, Standing>(ids.map((id) => [id, { ended: null, now }]));
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  let watch: SessionWatch;

  beforeEach(() => {
    const { notices } = engine;
    watch = new SessionWatch({
      io: emptyServer(),
      notices,
      standing,
      now: Date.now,
      recheckMs: HOUR_MS,
      logger,
    });
    watch.start();
  });
  afterEach(() => watch.stop());
  after(() => engine.stop());

  it('is closed when its session ended after it was asked for', async () => {
    const code = 'account_disabled';
    await engine.notices.send({ type: 'session_ended', sessionIds: ['a'], code });
    const [ended, other] = [socketOf('a'), socketOf('b')];
    watch.admit(ended.socket);
    watch.admit(other.socket);
    expect([ended.told, ended.socket.connected]).to.deep.equal([[code], false]);
    expect([other.told, other.socket.connected]).to.deep.equal([[], true]);
  });

  for (const userIds of [[7], null]) {
    it(`is asked about again when ${userIds ? 'its user' : 'everybody'} changed meanwhile`, async () => {
      await engine.notices.send({ type: 'users_changed', userIds });
      const { socket } = socketOf('a', 7);
      watch.admit(socket);
      await eventually(
        () => socket.data.principal.username,
        (name) => name === 'new',
      );
    });
  }
});

describe('What is remembered for sockets on their way in', () => {
  it('is forgotten after a while, the oldest first', () => {
    const recent = new Recent<string>();
    recent.add('a', 'first', 0);
    recent.add('b', 'second', 10_000);
    recent.forget(14_999);
    expect([recent.get('a'), recent.get('b')]).to.deep.equal(['first', 'second']);
    recent.forget(15_000);
    expect([recent.get('a'), recent.get('b')]).to.deep.equal([null, 'second']);
  });

  it('is bounded', () => {
    const recent = new Recent<number>();
    for (let i = 0; i < 10_001; i++) recent.add(String(i), i, i);
    expect([recent.get('0'), recent.get('1')]).to.deep.equal([null, 1]);
  });
});
