import { expect } from 'chai';
import type { Rest } from '../../../src/client/index.js';
import type { ApiKey } from '../../../src/contract/keys.js';
import { createAccount } from '../../../src/web/state/account.js';

const key = (id: string) => ({ id }) as ApiKey;

describe('the state of the account dialog', () => {
  it('does not show a revoked key again that a late or failed reading would bring back', async () => {
    const replies: { resolve(keys: ApiKey[]): void; reject(error: unknown): void }[] = [];
    const account = createAccount({
      sessions: async () => [],
      webhooks: async () => [],
      usage: () => Promise.reject(new Error('unavailable')),
      keys: () => new Promise<ApiKey[]>((resolve, reject) => replies.push({ resolve, reject })),
      revokeKey: async () => ({ message: 'done' }),
    } as Partial<Rest> as Rest);
    const loaded = account.load();
    replies[0]?.resolve([key('a'), key('b')]);
    await loaded;
    const again = account.load();
    const revoked = account.revokeKey('a');
    await Promise.resolve();
    await Promise.resolve();
    replies[2]?.reject(new Error('unavailable'));
    await revoked;
    expect(account.keys.value).to.deep.equal([key('b')]);
    replies[1]?.resolve([key('a'), key('b')]);
    await again;
    expect(account.keys.value).to.deep.equal([key('b')]);
    expect(account.usage.value).to.equal(null);
  });
});
