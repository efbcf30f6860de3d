import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { withKey } from '../../../lab/people/keys.js';
import { LOST_KEY_RIGHTS } from '../../../lab/people/lost-rights.js';
import { RawConnection } from '../../../lab/people/raw-http.js';
import { holdUser } from '../../../lab/stores/held-user.js';
import { LIMITS } from '../../../src/contract/limits.js';
import type { OpenAIProblem } from '../../../src/contract/openai.js';

const PATH = '/v1/chat/completions';
const BODY = JSON.stringify({
  model: 'test-model',
  messages: [{ role: 'user', content: 'go' }],
});

/** The errors that OpenAI's clients know. */
const CODES: Readonly<Record<string, string>> = {
  key_revoked: 'invalid_api_key',
  account_disabled: 'account_disabled',
  forbidden: 'forbidden',
};

describe('A call of /v1 that waits', () => {
  let app: TestApp;
  let person: Account;
  let ann: Account & { keyId: string };
  let conversation: number;
  let serial = 0;
  const open: RawConnection[] = [];

  before(async () => {
    app = await startApp({ MESSAGES_PER_MINUTE: '10000' });
    app.upstream.otherwise(answer('yes'));
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    person = await app.register(`ann${serial}`);
    ann = await withKey(app.url, person, ['chat']);
    const body = { title: 'kept' };
    const made = await app.call<{ id: number }>('/agent/conversations', {
      ...{ token: person.token, body },
    });
    conversation = made.body.id;
  });
  afterEach(() => {
    for (const { socket } of open.splice(0)) socket.destroy();
  });

  /** The head of a call, and the beginning of its body. */
  const begin = (token: string, bytes: number, text = '', ...more: string[]) => {
    const connection = new RawConnection(app.url);
    open.push(connection);
    return connection.send(
      `POST ${PATH} HTTP/1.1`,
      'Host: parley',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${bytes}`,
      ...more,
      '',
      text,
    );
  };
  /** Resolves when the sender of a call has been admitted. */
  const admitted = ({ keyId } = ann) =>
    eventually(
      () => app.rows('SELECT FROM api_keys WHERE id = $1 AND last_used_at IS NOT NULL', [keyId]),
      (rows) => rows.length === 1,
    );
  const ask = async (headers: Record<string, string> = {}) => {
    const response = await fetch(app.url + PATH, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ann.token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: BODY,
    });
    const { error } = (await response.json()) as Partial<OpenAIProblem>;
    const { status } = response;
    return { status, code: error?.code, retryAfter: response.headers.get('retry-after') };
  };

  it('is one of so many of its user on a node', async () => {
    const held = Array.from({ length: LIMITS.completions }, () => app.upstream.next());
    const calls: ReturnType<typeof ask>[] = [];
    // One after another: each needs a connection to the database.
    for (const { opened } of held) {
      const call = ask();
      calls.push(call);
      const early = call.then((ended) => {
        throw new Error(`A call ended before its answer: ${JSON.stringify(ended)}`);
      });
      await Promise.race([opened, early]);
    }
    expect(await ask()).to.include({ status: 429, code: 'rate_limit_exceeded', retryAfter: '1' });
    for (const one of held) one.finish();
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses).to.deep.equal(held.map(() => 200));
  });

  it('is not read to its end if its body is large and its sender unknown', async () => {
    const large = await begin('nobody', LIMITS.completionBytes).answer();
    expect(large.status).to.equal(401);
    expect(large.headers.get('connection')).to.equal('close');
    const small = await begin('nobody', BODY.length, BODY).answer();
    expect(small.status).to.equal(401);
    expect(small.headers.get('connection')).to.not.equal('close');
  });

  it('does not ask if its sender has lost the right while the body came', async () => {
    const asked = app.upstream.requests.length;
    const half = BODY.length / 2;
    const call = begin(ann.token, BODY.length, BODY.slice(0, half));
    await admitted();
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [ann.id]);
    const { status, body } = await call.send(BODY.slice(half)).answer();
    expect({ status, code: JSON.parse(body).error.code }).to.deep.equal({
      status: 403,
      code: 'forbidden',
    });
    expect(app.upstream.requests).to.have.length(asked);
  });

  it('does not read a stored answer if its sender has lost the right while the body came', async () => {
    await ask({ 'idempotency-key': 'stored' });
    const other = await withKey(app.url, person, ['chat']);
    const half = BODY.length / 2;
    const header = 'Idempotency-Key: stored';
    const call = begin(other.token, BODY.length, BODY.slice(0, half), header);
    await admitted(other);
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [ann.id]);
    const { status, body } = await call.send(BODY.slice(half)).answer();
    expect(status, body).to.equal(403);
  });

  for (const { what, sql, code } of LOST_KEY_RIGHTS.slice(0, 4)) {
    it(`for Postgres asks nobody if ${what} meanwhile`, async () => {
      const asked = app.upstream.requests.length;
      const held = await holdUser(app, ann);
      const durable = { 'idempotency-key': 'k' };
      const calls = [ask(), ask(durable), ask({ 'x-parley-conversation': String(conversation) })];
      await held.waited(calls.length);
      await held.release(sql);
      const wanted = CODES[code('messages:send')];
      const got = await Promise.all(calls);
      expect(got.map((one) => one.code)).to.deep.equal(calls.map(() => wanted));
      expect(app.upstream.requests).to.have.length(asked);
      const rows = await app.rows(
        `SELECT FROM completions WHERE user_id = $1 UNION ALL
         SELECT FROM usage_reservations WHERE user_id = $1`,
        [ann.id],
      );
      expect(rows).to.have.length(0);
    });
  }
});
