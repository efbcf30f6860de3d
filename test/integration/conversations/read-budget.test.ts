import { expect } from 'chai';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { LIMITS } from '../../../src/contract/limits.js';

/** Slow enough that no machine takes longer by itself: a page takes 2.5 s. */
const SCALE = 0.1;
/** The limits of the contract. */
const BYTES_PER_MS = (4 * 1_048_576 * SCALE) / 1_000;
/** Together much longer than the other calls may take. */
const READS = 10;
const AT_ONCE_BYTES = 2 * 1_048_576;

describe('A user who reads much', () => {
  let app: TestApp;
  let ada: Account;
  let bob: Account;
  let id: number;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: String(SCALE) });
    app.upstream.otherwise(answer('yes'));
    [ada, bob] = [await app.register('ada'), await app.register('bob')];
    const body = { title: 'Long', system_prompt: 'p'.repeat(LIMITS.systemPromptChars) };
    id = (await app.call<{ id: number }>('/agent/conversations', { token: ada.token, body })).body
      .id;
    await app.rows(
      `INSERT INTO messages (id, conversation_id, parent_id, role, content)
       SELECT 1000 + n, $1, CASE WHEN n > 1 THEN 999 + n END, 'assistant', repeat('a', $2)
       FROM generate_series(1, 40) n`,
      [id, LIMITS.messageChars],
    );
    await app.rows('UPDATE conversations SET active_message_id = 1040 WHERE id = $1', [id]);
  });
  after(() => app?.stop());

  const page = () =>
    app.call(`/agent/conversations/${id}/messages?limit=100`, { token: ada.token });

  it('gets all of it, by REST and sockets together no faster than the budget allows', async () => {
    const device = await app.device(ada);
    const open = () => device.ask('conversation:open', { conversation_id: id });
    const began = performance.now();
    const read = [(await page()).body, await open(), (await page()).body];
    const bytes = JSON.stringify(read).length;
    expect(bytes).to.be.above(3 * LIMITS.pageBytes);
    await open();
    const waited = performance.now() - began;
    expect(waited).to.be.above((bytes - AT_ONCE_BYTES) / BYTES_PER_MS);
  });

  it('keeps waiting neither others nor what is no read', async () => {
    const [mine, others] = await Promise.all([app.device(ada), app.device(bob)]);
    let done = 0;
    const finished = () => {
      done += 1;
    };
    const open = () => mine.emit('conversation:open', { conversation_id: id });
    const reads = [page(), ...Array.from({ length: READS }, open)];
    for (const read of reads) void read.then(finished, finished);
    await mine.ask('message:send', { client_id: 'q', content: 'Hello?' });
    expect((await app.call('/users/me', { token: bob.token })).status).to.equal(200);
    await others.ask('conversation:list', {});
    expect(done).to.be.below(reads.length);
  });
});
