import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { withKey } from '../../../lab/people/keys.js';
import type { OpenAIProblem } from '../../../src/contract/openai.js';
import { expectNoRejections } from '../../support/rejections.js';

describe('An answer whose end the store', () => {
  let app: TestApp;
  let device: Device;
  beforeEach(async () => {
    app = await startApp();
    device = await app.device(await app.register('ada'));
  });
  afterEach(() => app.stop());
  expectNoRejections();

  const begin = async () => {
    const held = app.upstream.next();
    const sent = await device.ask('message:send', { client_id: 'one', content: 'q' });
    held.write('a parrot');
    const { id } = sent.assistant_message;
    await device.until('message:delta');
    return { held, id };
  };
  const stored = async (id: number) =>
    (await app.rows('SELECT status, content, error FROM messages WHERE id = $1', [id]))[0];

  const REFUSALS: [what: string, rule: string, end: object][] = [
    [
      'refuses for its text ends as failed, without it',
      "content NOT LIKE '%parrot%'",
      { status: 'failed', content: '' },
    ],
    [
      'refuses for what the model said of it ends as interrupted, with its text',
      'finish_reason IS NULL',
      { status: 'interrupted', content: 'a parrot' },
    ],
  ];
  for (const [what, rule, end] of REFUSALS) {
    it(what, async () => {
      const { held, id } = await begin();
      await app.rows(`ALTER TABLE messages ADD CONSTRAINT added CHECK (${rule}) NOT VALID`);
      held.finish();
      const ended = await device.ended(id);
      expect(ended).to.deep.include({ attempt: 1, finish_reason: null });
      expect(ended.error?.code).to.equal('internal');
      expect(await stored(id)).to.deep.include(end);
      // The generation is forgotten after its end was told.
      await eventually(
        () => app.rows('SELECT FROM generations'),
        (rows) => rows.length === 0,
      );
      expect(app.upstream.requests).to.have.length(1);
    });
  }

  it('cannot take while it only reads waits, with readiness gone, and ends as it came', async () => {
    const name = new URL(app.databaseUrl).pathname.slice(1);
    const readOnly = async (value: string) => {
      await app.rows(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`);
      await app.rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
    };
    const ready = async () => (await app.call('/health/ready')).status;
    const { held, id } = await begin();
    await readOnly('on');
    held.finish();
    await app.logged('database away, will try again');
    await eventually(ready, (status) => status === 503);
    await readOnly('off');
    expect(await device.ended(id)).to.include({ status: 'completed', attempt: 1 });
    await eventually(ready, (status) => status === 200);
  });
});

describe('A completion whose end the store', () => {
  let app: TestApp;
  let key: string;
  beforeEach(async () => {
    app = await startApp();
    ({ token: key } = await withKey(app.url, await app.register('ada'), ['chat']));
  });
  afterEach(() => app.stop());
  expectNoRejections();

  const ask = (content: string) =>
    app.call<OpenAIProblem>('/v1/chat/completions', {
      token: key,
      headers: { 'idempotency-key': 'one' },
      body: { model: 'test-model', messages: [{ role: 'user', content }] },
    });
  /** Returns how often the model was asked, and how the completion ended. */
  const ended = async () => {
    const [row] = await app.rows('SELECT status, content, attempt FROM completions');
    return { ...row, requests: app.upstream.requests.length };
  };

  it('refuses for its text ends as failed, without it, and is not asked for again', async () => {
    app.upstream.script(upstreams.answer('a parrot'));
    await app.rows(
      `ALTER TABLE completions ADD CONSTRAINT added CHECK (content NOT LIKE '%parrot%') NOT VALID`,
    );
    const { status, body } = await ask('q');
    expect([status, body.error.code]).to.deep.equal([500, 'internal']);
    const end = { status: 'failed', content: '', attempt: 1, requests: 1 };
    expect(await ended()).to.deep.equal(end);
  });

  for (const [what, sign] of [
    ['U+0000', '\0'],
    ['half a character', '\ud800'],
  ] as const) {
    it(`could refuse for ${what} in the words of the model server ends with these`, async () => {
      app.upstream.script(upstreams.status(400, { message: `bad${sign}`, param: `x${sign}` }));
      const { status, body } = await ask('q');
      expect(status).to.equal(400);
      expect(body.error).to.include({ message: 'bad\uFFFD', param: 'x\uFFFD' });
      const end = { status: 'failed', content: '', attempt: 1, requests: 1 };
      expect(await ended()).to.deep.equal(end);
    });
  }
});

describe('Readiness', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());

  it('is lost with a table that every answer needs, and comes back with it', async () => {
    const ready = async () => (await app.call('/health/ready')).status;
    expect(await ready()).to.equal(200);
    await app.rows('ALTER TABLE generations RENAME TO away');
    expect(await ready()).to.equal(503);
    await app.rows('ALTER TABLE away RENAME TO generations');
    expect(await ready()).to.equal(200);
  });
});
