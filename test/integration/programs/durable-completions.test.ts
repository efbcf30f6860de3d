import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { ChunkReader } from '../../../lab/people/chunk-reader.js';
import { withKey } from '../../../lab/people/keys.js';
import { createClient } from '../../../lab/stores/client.js';
import { LIMITS } from '../../../src/contract/limits.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

describe('A completion with an Idempotency-Key', () => {
  let app: TestApp;
  let person: Account;
  let ann: Account & { keyId: string };
  let serial = 0;
  const readers: ChunkReader[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '1' });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    person = await app.register(`ann${serial}`);
    ann = await withKey(app.url, person, ['chat']);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const bodyOf = (content: string, more: object = {}) => ({
    model: 'test-model',
    messages: [{ role: 'user', content }],
    stream: true,
    ...more,
  });
  const call = async (
    { content = 'go', key = 'k1', by = ann, from = '', body = bodyOf(content) } = {} as {
      content?: string;
      key?: string;
      by?: Account;
      from?: string;
      body?: object;
    },
  ) => {
    const headers = { 'idempotency-key': key, ...(from !== '' && { 'last-event-id': from }) };
    const url = `${app.url}/v1/chat/completions`;
    const reader = await ChunkReader.open(url, by.token, { headers, body });
    readers.push(reader);
    return reader;
  };
  const errorOf = async ({ response }: ChunkReader) => {
    const { error } = (await response.json()) as { error: { code: string; param: string } };
    return { status: response.status, code: error.code, param: error.param };
  };
  const idsOf = ({ chunks }: ChunkReader) => chunks.map(({ id }) => id);

  it('holds its body after its client has left, and no longer than it runs', async () => {
    const body = bodyOf('x'.repeat(LIMITS.completionBytes * 0.9));
    const held = [app.upstream.next(), app.upstream.next(), app.upstream.next()];
    for (const [i, writing] of held.entries()) {
      const reader = await call({ key: `large${i}`, body });
      await writing.opened;
      writing.write('a');
      reader.close();
    }
    const refused = await call({ key: 'large3', body });
    expect(await errorOf(refused)).to.include({ status: 429 });
    for (const writing of held) writing.finish({ usage: USAGE });
    const accepted = await eventually(
      () => call({ key: 'large3', body }),
      ({ response }) => response.status === 200,
    );
    await accepted.ended;
    expect(accepted.isDone).to.equal(true);
  });

  it('numbers its chunks and gives the same again, from the first one on, for one charge', async () => {
    const writing = app.upstream.next();
    const first = await call();
    writing.write('Grüße ', '你好', '👩‍🚀');
    writing.finish({ usage: USAGE });
    await first.ended;
    expect(first.isDone).to.equal(true);
    expect(first.text).to.equal('Grüße 你好👩‍🚀');
    expect(idsOf(first)).to.deep.equal(first.chunks.map((_, i) => `1-${i + 1}`));
    const asked = app.upstream.requests.length;
    const again = await call();
    await again.ended;
    expect(again.received).to.deep.equal(first.received);
    expect(app.upstream.requests.length).to.equal(asked);
    const [row] = await app.rows<{ tokens: string }>(
      'SELECT sum(tokens) AS tokens FROM usage_days WHERE user_id = $1',
      [ann.id],
    );
    expect(Number(row?.tokens)).to.equal(USAGE.total_tokens);
    const held = await app.rows('SELECT 1 FROM usage_reservations WHERE user_id = $1', [ann.id]);
    expect(held).to.deep.equal([]);
  });

  it('keeps events whole that have control characters, which no JSON has', async () => {
    for (const [key, sign, escaped] of [
      ['mark', '\u001e', '\\u001e'],
      ['null', '\u0000', '\\u0000'],
    ] as const) {
      const asked = app.upstream.requests.length;
      const writing = app.upstream.next();
      const reader = await call({ key });
      writing.write('Hello');
      writing.raw(`data: {"x":"${sign}","choices":[]}\n\n`);
      writing.write(' world');
      writing.finish({ usage: USAGE });
      await reader.ended;
      expect(reader.isDone, key).to.equal(true);
      const said = reader.chunks.map(({ json }) => json).join('');
      expect(said, key).to.include(`{"x":"${escaped}","choices":[]}`).and.include(' world');
      expect(app.upstream.requests.length, key).to.equal(asked + 1);
    }
  });

  it('goes on without its caller, and is found again while it runs', async () => {
    const writing = app.upstream.next();
    const first = await call();
    writing.write('one ');
    await first.until(({ text }) => text === 'one ');
    const at = first.lastId;
    first.close();
    writing.write('two ');
    const second = await call({ from: at });
    const third = await call();
    await second.until(({ text }) => text === 'two ');
    await third.until(({ text }) => text === 'one two ');
    writing.write('three');
    writing.finish();
    await Promise.all([second.ended, third.ended]);
    expect(second.text).to.equal('two three');
    expect(third.text).to.equal('one two three');
    expect(second.isDone && third.isDone).to.equal(true);
    const behind = Number(at.split('-')[1]);
    expect(idsOf(second)).to.deep.equal(idsOf(third).slice(behind));
    const request = await writing.opened;
    expect(request.body).to.not.have.property('idempotency-key');
  });

  it('gives a whole answer as one, to everybody who asks while it is made', async () => {
    const whole = { id: 'x', object: 'chat.completion', choices: [], usage: USAGE, odd: [1.5] };
    app.upstream.otherwise((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(whole));
    });
    const body = bodyOf('go', { stream: false });
    const both = await Promise.all([call({ body }), call({ body })]);
    for (const { response } of both) {
      expect(response.status).to.equal(200);
      expect(await response.json()).to.deep.equal(whole);
    }
    const { length } = app.upstream.requests;
    expect(await (await call({ body })).response.json()).to.deep.equal(whole);
    expect(app.upstream.requests.length).to.equal(length);
  });

  it('gives the whole answer of a new attempt to who still waits for that of an earlier one', async () => {
    const [first, second] = [app.upstream.next(), app.upstream.next()];
    const reading = call({ body: bodyOf('go', { stream: false }) });
    const mine = [ann.id];
    await eventually(
      () => app.rows('SELECT FROM completions WHERE user_id = $1', mine),
      (rows) => rows.length === 1,
    );
    const other = createClient(app.databaseUrl);
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT FROM completions WHERE user_id = $1 FOR UPDATE', mine);
      first.write('lost');
      first.finish({ usage: USAGE });
      // The end of the completion waits for the lock, so all that comes before it is told.
      await eventually(
        () =>
          app.rows(`SELECT FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE completions SET status%'`),
        (rows) => rows.length === 1,
      );
      await other.query(
        `UPDATE completions SET attempt = 2, claim = gen_random_uuid(), node_id = 'gone', lease_expires_at = now()
        WHERE user_id = $1`,
        mine,
      );
      await other.query('COMMIT');
    } finally {
      await other.end();
    }
    second.write('kept');
    second.finish({ usage: USAGE });
    const { response } = await reading;
    expect(response.status).to.equal(200);
    expect((await response.json()).choices[0].message.content).to.equal('kept');
  });

  it('is the same for JSON that only looks different, and refuses another request', async () => {
    const writing = app.upstream.next();
    writing.write('text');
    writing.finish();
    const first = await call();
    await first.ended;
    const { stream, messages, model } = bodyOf('go');
    const turned = await call({ body: { stream, model, messages } });
    await turned.ended;
    expect(turned.received).to.deep.equal(first.received);
    for (const body of [bodyOf('stop'), bodyOf('go', { stream: false }), bodyOf('go', { n: 1 })]) {
      expect(await errorOf(await call({ body }))).to.include({ status: 409 });
    }
  });

  it('belongs to its user: others may use the same key', async () => {
    const bob = await withKey(app.url, await app.register(`bob${serial}`), ['chat']);
    for (const by of [ann, bob]) {
      const writing = app.upstream.next();
      writing.write(by.username);
      writing.finish();
      const reader = await call({ by });
      await reader.ended;
      expect(reader.text).to.equal(by.username);
    }
  });

  it('refuses keys that are none', async () => {
    for (const key of [
      '',
      'a b',
      'é'.normalize('NFC'),
      'x'.repeat(LIMITS.clientIdChars + 1),
      'a/b',
    ]) {
      const headers = new Headers();
      try {
        headers.set('idempotency-key', key);
      } catch {
        continue;
      }
      expect(await errorOf(await call({ key })), key).to.include({
        status: 400,
        param: 'Idempotency-Key',
      });
    }
  });

  it('frees its key when it fails, in the words of a call without a key', async () => {
    app.upstream.otherwise((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'no such tool', code: 'bad_tool' } }));
    });
    const refused = await errorOf(await call());
    expect(refused).to.include({ status: 400, code: 'bad_tool' });
    const writing = app.upstream.next();
    writing.write('better');
    writing.finish();
    const second = await call();
    await second.ended;
    expect(second.text).to.equal('better');
  });

  it('ends with an error in a stream that has begun, and frees its key', async () => {
    const writing = app.upstream.next();
    const first = await call();
    writing.write('half');
    await first.until(({ text }) => text === 'half');
    writing.cut();
    await first.ended;
    expect(first.isDone).to.equal(false);
    expect(first.errorCode).to.not.equal(null);
    const next = app.upstream.next();
    next.write('whole');
    next.finish();
    const second = await call();
    await second.ended;
    expect(second.text).to.equal('whole');
  });

  it('asks the model once for calls that come together', async () => {
    const writing = app.upstream.next();
    const readers = await Promise.all(Array.from({ length: 8 }, () => call()));
    writing.write('once');
    writing.finish();
    await Promise.all(readers.map(({ ended }) => ended));
    expect(readers.map(({ text }) => text)).to.deep.equal(Array(8).fill('once'));
    const rows = await app.rows('SELECT 1 FROM completions WHERE user_id = $1', [ann.id]);
    expect(rows).to.have.length(1);
  });

  it('is forgotten after a quarter of an hour, with its text', async () => {
    const writing = app.upstream.next();
    writing.write('old');
    writing.finish();
    await (await call()).ended;
    await app.rows(
      `UPDATE completions SET ended_at = now() - $2 * interval '1 ms' WHERE user_id = $1 RETURNING 1`,
      [ann.id, LIMITS.completionMs + 1_000],
    );
    const next = app.upstream.next();
    next.write('new');
    next.finish();
    const again = await call();
    await again.ended;
    expect(again.text).to.equal('new');
    const rows = await app.rows<{ request: string | null }>(
      'SELECT request FROM completions WHERE user_id = $1',
      [ann.id],
    );
    expect(rows).to.deep.equal([{ request: null }]);
  });

  it('goes with its user', async () => {
    const writing = app.upstream.next();
    const reader = await call();
    writing.write('some');
    await reader.until(({ text }) => text === 'some');
    const { status } = await app.call('/users/me', {
      method: 'DELETE',
      token: person.token,
    });
    expect(status).to.equal(200);
    await writing.closed;
    await reader.ended;
    expect(reader.isDone).to.equal(false);
    expect(await app.rows('SELECT 1 FROM completions WHERE user_id = $1', [ann.id])).to.deep.equal(
      [],
    );
  });

  it('ends its streams with the key of their reader, and goes on for another one', async () => {
    const writing = app.upstream.next();
    const first = await call();
    writing.write('half ');
    await first.until(({ text }) => text === 'half ');
    const path = `/users/me/keys/${ann.keyId}`;
    const revoked = await app.call(path, { method: 'DELETE', token: person.token });
    expect(revoked.status).to.equal(200);
    await first.ended;
    expect(first.errorCode).to.equal('invalid_api_key');
    const again = await withKey(app.url, person, ['chat']);
    const second = await call({ by: again });
    writing.write('whole');
    writing.finish();
    await second.ended;
    expect(second.text).to.equal('half whole');
    expect(second.isDone).to.equal(true);
  });

  it('is given up after too many tries, and frees its key', async () => {
    const writing = app.upstream.next();
    const first = await call();
    writing.write('half');
    await first.until(({ text }) => text === 'half');
    const asked = app.upstream.requests.length;
    await app.rows(
      `UPDATE completions SET tries = 99, claim = gen_random_uuid(), lease_expires_at = now()
       WHERE user_id = $1 RETURNING id`,
      [ann.id],
    );
    await first.ended;
    expect(first.isDone).to.equal(false);
    const rows = await app.rows(
      'SELECT status, idempotency_key AS key FROM completions WHERE user_id = $1',
      [ann.id],
    );
    expect(rows).to.deep.equal([{ status: 'failed', key: null }]);
    expect(app.upstream.requests).to.have.length(asked);
    const next = app.upstream.next();
    next.write('whole');
    next.finish();
    const second = await call();
    await second.ended;
    expect(second.text).to.equal('whole');
  });

  it('fails when it is longer than what is kept', async () => {
    const writing = app.upstream.next();
    const reader = await call();
    const piece = 'x'.repeat(1_000_000);
    for (let chars = 0; chars <= LIMITS.completionChars; chars += piece.length)
      writing.write(piece);
    await writing.closed;
    await reader.ended;
    expect(reader.errorCode).to.equal('provider_error');
  });

  it('has a bound for those that run', async () => {
    const held = Array.from({ length: LIMITS.durableCompletions }, () => app.upstream.next());
    for (const [i] of held.entries()) await call({ key: `run${i}` });
    await Promise.all(held.map(({ opened }) => opened));
    const more = await call({ key: 'more' });
    expect(await errorOf(more)).to.include({ status: 429, code: 'rate_limit_exceeded' });
    expect(more.response.headers.get('retry-after')).to.equal('1');
    for (const writing of held) writing.finish();
    await eventually(
      () =>
        app.rows(`SELECT 1 FROM completions WHERE user_id = $1 AND status = 'streaming'`, [ann.id]),
      (rows) => rows.length === 0,
    );
  });
});
