import { expect } from 'chai';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import {
  type Caller,
  type CallParts,
  type ContractCall,
  contractCalls,
  minimalParts,
} from '../../lab/people/contract-calls.js';
import { pathsOf, withPart } from '../../lab/people/joi-shape.js';
import { makeAdmin } from '../../lab/people/roles.js';

/** Postgres stores no such text. */
const NUL = 'a\u0000b';
/** The code of a call that has failed by a fault of the server. */
const FAULTS: readonly string[] = ['internal', '500'];

const stringsOf = ({ takes }: ContractCall) => pathsOf(takes, (_, { type }) => type === 'string');

describe('U+0000 in a text', () => {
  const calls = contractCalls().filter((call) => stringsOf(call).length > 0);
  let app: TestApp;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    app.upstream.otherwise(answer('yes'));
  });
  after(() => app.stop());

  /** A new administrator, because some calls end their session. */
  const arrive = async (): Promise<Caller & { account: Account }> => {
    serial += 1;
    const account = await app.register(`root${serial}`);
    await makeAdmin(app, account);
    return { app, account, device: await app.device(account) };
  };

  it('can be sent to calls of both kinds', () => {
    const names = calls.map(({ name }) => name);
    expect(names).to.include.members(['GET /agent/search', 'POST /auth/login', 'message:send']);
    expect(names).to.include.members(['POST /admin/nodes/:id/drain', 'PATCH /users/me']);
  });

  for (const call of calls) {
    it(`is stored or refused by ${call.name}, wherever it is`, async () => {
      for (const path of stringsOf(call)) {
        const caller = await arrive();
        const parts = withPart(minimalParts(call), call.takes, path, NUL) as CallParts;
        const { code, data } = await call.send(parts, caller);
        expect(FAULTS, `${path.join('.')}: ${JSON.stringify(data)}`).to.not.include(code);
        caller.device?.close();
      }
    });
  }

  it('is kept or refused by /v1, in the name of a model and in what is asked', async () => {
    const { account } = await arrive();
    const post = async (body: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`${app.url}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${account.token}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify(body),
      });
      await response.text();
      return response.status;
    };
    const ask = { model: 'test-model', messages: [{ role: 'user', content: NUL }], stream: true };
    expect(await post({ ...ask, model: NUL })).to.equal(400);
    expect(await post(ask)).to.equal(200);
    expect(await post(ask, { 'idempotency-key': 'nul' })).to.equal(200);
    const { body } = await app.call<{ id: number }>('/agent/conversations', {
      ...{ method: 'POST', token: account.token, body: { title: 'x' } },
    });
    expect(await post(ask, { 'x-parley-conversation': String(body.id) })).to.equal(400);
    const { status } = await fetch(`${app.url}/v1/models/a%00b`, {
      headers: { authorization: `Bearer ${account.token}` },
    });
    expect(status).to.equal(404);
  });
});
