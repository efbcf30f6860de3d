import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { answer, startUpstream, type Upstream } from '../../../lab/models/scripted-upstream.js';
import { type Product, program, startProduct } from '../../../lab/nodes/process.js';
import { type Device, openDevice } from '../../../lab/people/device.js';
import { type Account, callRest, registerAt } from '../../../lab/people/rest.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import type { Message } from '../../../src/contract/rest.js';

const SECRETS = {
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
};

/** As few tries as possible, because every crash costs a start. */
const TRIES = 2;

describe('a node as a process', () => {
  let database: TestDatabase;
  let upstream: Upstream;
  let node: Product;
  let ada: Account;
  let device: Device;
  let serial = 0;

  const start = async () => {
    node = await startProduct({
      ...SECRETS,
      DATABASE_URL: database.url,
      OPENAI_BASE_URL: upstream.url,
      LEASE_SECONDS: '1',
      CLAIM_POLL_MS: '100',
      GENERATION_TRIES: String(TRIES),
    });
  };

  before(async () => {
    [database, upstream] = await Promise.all([createTestDatabase(), startUpstream()]);
    await start();
  });
  after(async () => {
    await node?.stop();
    await upstream.stop();
    await database.drop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await registerAt(node.url, `ada${serial}`);
    device = await openDevice(node.url, { token: ada.token });
    upstream.requests.length = 0;
  });
  afterEach(() => device?.close());

  const begin = async () => {
    const held = upstream.next();
    const sent = await device.ask('message:send', { client_id: 'c-1', content: 'go' });
    held.write('the first ', 'half');
    const id = sent.assistant_message.id;
    await device.until('message:delta', (d) => d.text.endsWith('half'));
    return { held, id, conversationId: sent.conversation.id };
  };

  const contents = async (conversationId: number) => {
    const path = `/agent/conversations/${conversationId}/messages`;
    const { body } = await callRest<Message[]>(node.url + path, { token: ada.token });
    return body.map((m) => [m.status, m.attempt, m.content]);
  };

  it('killed in mid-answer and started again generates the answer again, without anyone asking', async () => {
    const { id, conversationId } = await begin();
    upstream.script(answer(['the whole ', 'answer']));
    node.kill('SIGKILL');
    await node.exit;
    await start();
    await upstream.request(2);
    device = await openDevice(node.url, { token: ada.token });
    const cursors = [{ message_id: id, attempt: 1, seq: 2 }];
    const opened = await device.ask('conversation:open', {
      conversation_id: conversationId,
      cursors,
    });
    if (opened.live.length > 0) await device.ended(id);
    expect(await contents(conversationId)).to.deep.equal([
      ['completed', 0, 'go'],
      ['completed', 2, 'the whole answer'],
    ]);
  });

  it('gives an answer up after GENERATION_TRIES crashes, as interrupted', async () => {
    const { id, conversationId } = await begin();
    for (let crash = 1; crash <= TRIES; crash++) {
      if (crash < TRIES) upstream.next();
      node.kill('SIGKILL');
      await node.exit;
      await start();
      if (crash < TRIES) await upstream.request(crash + 1);
    }
    device = await openDevice(node.url, { token: ada.token });
    const opened = await device.ask('conversation:open', { conversation_id: conversationId });
    if (opened.live.length > 0) {
      expect(await device.ended(id)).to.include({ status: 'interrupted', attempt: TRIES + 1 });
    }
    const path = `/agent/conversations/${conversationId}/messages`;
    const { body } = await callRest<Message[]>(node.url + path, { token: ada.token });
    expect(body.at(-1)).to.include({ status: 'interrupted', attempt: TRIES + 1 });
    expect(upstream.requests.length).to.equal(TRIES);
  });

  it('ends with exit code 0 on SIGTERM, after the answers that run', async () => {
    const { held, id, conversationId } = await begin();
    node.kill('SIGTERM');
    await node.waitForLog((line) => line.msg === 'draining');
    held.write(' and the second');
    held.finish();
    expect(await device.ended(id)).to.include({ status: 'completed' });
    expect(await node.exit).to.deep.equal({ code: 0, signal: null });
    await start();
    expect(await contents(conversationId)).to.deep.equal([
      ['completed', 0, 'go'],
      ['completed', 1, 'the first half and the second'],
    ]);
  });

  it('ends at once with exit code 0 on SIGINT, and gives its answers back to the queue', async () => {
    const { conversationId } = await begin();
    node.kill('SIGINT');
    expect(await node.exit).to.deep.equal({ code: 0, signal: null });
    const again = upstream.next();
    await start();
    await again.opened;
    expect(await contents(conversationId)).to.deep.equal([
      ['completed', 0, 'go'],
      ['streaming', 2, ''],
    ]);
    again.finish();
  });

  it('is not ready while it drains, and ends at once on a second signal', async () => {
    await begin();
    expect((await fetch(`${node.url}/health/ready`)).status).to.equal(200);
    node.kill('SIGTERM');
    await node.waitForLog((line) => line.msg === 'draining');
    const ready = await fetch(`${node.url}/health/ready`);
    expect(ready.status).to.equal(503);
    expect(await ready.json()).to.deep.include({ status: 'unready' });
    node.kill('SIGTERM');
    expect(await node.exit).to.deep.equal({ code: 1, signal: null });
    expect(node.logs.map(({ msg }) => msg)).to.not.include('stopped');
  });
});

describe('a node that cannot start', () => {
  const run = async (env: Record<string, string>) =>
    spawnSync(process.execPath, await program(), {
      env: { PATH: process.env.PATH ?? '', ...env },
      encoding: 'utf8',
    });

  it('names every problem of its environment at once, and no secret', async () => {
    const { status, stderr } = await run({
      NODE_ENV: 'production',
      SECRET_KEY: 'short-and-secret',
      PORT: 'many',
      DATABASE_URL: 'postgres://u:p@localhost/db',
    });
    expect(status).to.equal(1);
    for (const name of ['SECRET_KEY', 'REFRESH_SECRET_KEY', 'PORT'])
      expect(stderr).to.include(name);
    expect(stderr).to.not.include('short-and-secret');
  });

  it('says so when its database does not answer', async () => {
    const { status, stderr, stdout } = await run({
      ...SECRETS,
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/db',
    });
    expect(status).to.equal(1);
    expect(stdout + stderr).to.match(/ECONNREFUSED|database/i);
  });
});
