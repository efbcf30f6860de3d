import { expect } from 'chai';
import type { ErrorCode } from '../../../src/contract/errors.js';
import { SocketRights } from '../../../src/gateway/sessions/socket-rights.js';
import type { ParleySocket } from '../../../src/gateway/types.js';

const MINUTE = 60_000;

describe('The rights of a socket', () => {
  /** Takes times by the clock of tokens, which may be hours away from this machine's. */
  const ask = async (now: number, expiresAt: number) => {
    const ended: ErrorCode[] = [];
    const rights = new SocketRights({
      standing: async () => ({ ended: null, now: { permissions: new Set() } }) as never,
      end: (_, code) => void ended.push(code),
      now: () => now,
    });
    const principal = { sessionId: 'a', expiresAt };
    const socket = { connected: true, data: { principal } } as unknown as ParleySocket;
    await rights.require(socket, null).catch(() => {});
    return ended;
  };

  it('last as long as the token by the clock that tokens end by, whatever this machine says', async () => {
    const late = Date.now() - 24 * 60 * MINUTE;
    expect(await ask(late, late + MINUTE)).to.deep.equal([]);
  });

  it('end with the token by that clock', async () => {
    const early = Date.now() + 24 * 60 * MINUTE;
    expect(await ask(early, early - 1)).to.deep.equal(['token_expired']);
  });
});
