import { expect } from 'chai';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { html, refuse, status } from '../../../lab/models/upstream-behaviours.js';
import type { Behaviour } from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { LOST_RIGHTS } from '../../../lab/people/lost-rights.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import type { ModelCheck, ModelFault } from '../../../src/contract/admin.js';
import type { Problem } from '../../../src/contract/errors.js';

const KEY = 'sk-the-secret-key-of-this-test';

describe('The test of a model', () => {
  let app: TestApp;
  let root: Account;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', OPENAI_API_KEY: KEY, PROVIDER_MAX_RETRIES: '0' });
    root = await app.register('root');
    await makeAdmin(app, root);
  });
  after(() => app.stop());

  const test = (body: object = {}, headers = {}) =>
    app.call<ModelCheck & Problem>('/admin/models/test', { token: root.token, body, headers });

  it('says that it answers at its first text, and does not wait for the rest', async () => {
    const held = app.upstream.next();
    const asked = test();
    held.write('Hel');
    const { status: code, body } = await asked;
    expect(code).to.equal(200);
    const { ms, ...rest } = body;
    expect(ms).to.be.a('number');
    expect(rest).to.deep.equal({
      ...{ model: 'test-model', ok: true, fault: null },
      ...{ message: 'It answers.', words: null },
    });
    await held.closed;
  });

  it('says so of a model that only thinks within its few tokens', async () => {
    app.upstream.script(answer([], { finishReason: 'length' }));
    expect((await test()).body.ok).to.equal(true);
  });

  const CASES: [string, Behaviour, ModelFault, RegExp][] = [
    [
      'a wrong key',
      status(401, { message: `Incorrect API key: ${KEY}` }),
      'credentials',
      /API key/,
    ],
    ['an unknown model', status(404), 'not_found', /does not know/],
    ['too much to do', status(429), 'busy', /too busy/],
    ['a server that is away', refuse(), 'unreachable', /cannot be reached/],
    ['a page instead of an answer', html(), 'broken', /not an answer/],
    ['a fault of its own', status(500), 'failing', /internal error/],
  ];
  for (const [what, behaviour, fault, sentence] of CASES) {
    it(`names ${what} in a sentence of each language, without the key`, async () => {
      app.upstream.script(behaviour, behaviour);
      const { body } = await test();
      expect([body.ok, body.fault]).to.deep.equal([false, fault]);
      expect(body.message).to.match(sentence);
      const chinese = await test({}, { 'Accept-Language': 'zh' });
      expect(chinese.body.message).to.match(/\p{sc=Han}/u);
      expect(JSON.stringify([body, chinese.body])).to.not.include('secret');
    });
  }

  it('tells what the server said itself, bounded and without any part of a key', async () => {
    const quoted = `No such key: ${KEY}, ${KEY.slice(0, 8)}***${KEY.slice(-6)}, sk-of-another-1234`;
    app.upstream.script(status(401, { message: `${quoted}. ${'x'.repeat(3_000)}` }));
    const { words } = (await test()).body;
    expect(words).to.include('No such key: [key], ');
    expect(words).to.not.match(/sk-the|f-this-test|-test|another/);
    expect(words).to.have.length(1_000);
    app.upstream.script(refuse());
    expect((await test()).body.words).to.be.a('string').that.is.not.empty;
  });

  it('names only models that are offered, and is for whoever has the right', async () => {
    expect((await test({ model: 'another' })).body.code).to.equal('validation_failed');
    const ada = await app.register('ada');
    const refused = await app.call('/admin/models/test', { token: ada.token, body: {} });
    expect(refused.body.code).to.equal('forbidden');
  });

  describe('ends, with its request to the model, when', () => {
    let serial = 0;
    let eve: Account;

    beforeEach(async () => {
      serial += 1;
      eve = await app.register(`eve${serial}`);
      await makeAdmin(app, eve);
    });

    const expectEnd = async (end: () => Promise<unknown>, code: string) => {
      const held = app.upstream.next();
      const asked = app.call<Problem>('/admin/models/test', { token: eve.token, body: {} });
      await held.opened;
      const began = performance.now();
      await end();
      expect((await asked).body.code).to.equal(code);
      await held.closed;
      // A model has a minute for its first sign.
      expect(performance.now() - began).to.be.below(40_000);
    };

    it('the roles of its caller are taken', () =>
      expectEnd(
        () =>
          app.call(`/admin/users/${eve.id}`, {
            ...{ method: 'PATCH', token: root.token, body: { roles: ['user'] } },
          }),
        'forbidden',
      ));

    it('its session is logged out', () =>
      expectEnd(
        () => app.call('/auth/logout', { body: { refresh_token: eve.refreshToken } }),
        'session_revoked',
      ));

    for (const { what, sql, code } of LOST_RIGHTS.slice(2, 4)) {
      it(`${what}, and nobody has told the node`, () =>
        expectEnd(() => app.rows(sql, [eve.id]), code('models:test')));
    }
  });

  it('is not answered when the right to it has ended just before, and nobody has told the node', async () => {
    const late = await app.register('late');
    await makeAdmin(app, late);
    const held = app.upstream.next();
    const asked = app.call<Problem>('/admin/models/test', { token: late.token, body: {} });
    await held.opened;
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [late.id]);
    held.write('Hel');
    expect((await asked).body.code).to.equal('forbidden');
  });
});
