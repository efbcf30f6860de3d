import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { createClient, type ParleyClient } from '../../../src/client/index.js';
import { LIMITS } from '../../../src/contract/limits.js';

describe('a program that sends, and opens nothing', () => {
  let app: TestApp;
  let account: Account;
  let client: ParleyClient;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '100' });
    account = await app.register('sender');
  });
  after(() => app.stop());
  beforeEach(() => {
    client = createClient({ url: app.url, token: account.token });
  });
  afterEach(() => client.disconnect());

  const note = async () => (await client.send({ content: 'A note', answer: false })).conversation;

  it('may send to more conversations than it may have open', async () => {
    const { size } = new Set(
      await Promise.all(
        Array.from({ length: LIMITS.openConversations + 10 }, async () => (await note()).id),
      ),
    );
    expect(size).to.equal(LIMITS.openConversations + 10);
  });
});
