import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { openDevice } from '../../../lab/people/device.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import type { FieldError } from '../../../src/contract/errors.js';

const HAN = /\p{Script=Han}/u;

describe('What is found after a request has the right form', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp();
    ada = await app.register('ada');
    await makeAdmin(app, ada);
  });
  after(() => app.stop());

  const refusals: [what: string, path: string, options: object, finding: FieldError][] = [
    [
      'a model that is not offered',
      '/agent/conversations',
      { body: { model: 'none' } },
      {
        path: 'model',
        message: 'model must be one of [test-model]',
        rule: 'any.only',
        values: { valids: '[test-model]' },
      },
    ],
    [
      'a cursor of conversations',
      '/agent/conversations?cursor=zz',
      {},
      {
        path: 'cursor',
        message: 'cursor is not a cursor of this list',
        rule: 'cursor.unknown',
      },
    ],
    [
      'a cursor of accounts',
      '/admin/users?cursor=zz',
      {},
      {
        path: 'cursor',
        message: 'cursor is not a cursor of this list',
        rule: 'cursor.unknown',
      },
    ],
    [
      'a role that is not there',
      '/admin/users/1',
      { method: 'PATCH', body: { roles: ['user', 'nope'] } },
      {
        path: 'roles.1',
        message: 'no such role: nope',
        rule: 'role.unknown',
        values: { value: 'nope' },
      },
    ],
  ];
  for (const [what, path, options, finding] of refusals) {
    it(`is told in the language of the client: ${what}`, async () => {
      const told = (language: string) =>
        app.call(path, { token: ada.token, headers: { 'accept-language': language }, ...options });
      const english = await told('en');
      expect(english.status).to.equal(422);
      expect(english.body.errors).to.deep.equal([finding]);
      const [chinese] = (await told('zh-CN')).body.errors ?? [];
      expect(chinese?.path).to.equal(finding.path);
      expect(chinese?.message).to.match(HAN);
      expect([chinese?.rule, chinese?.values]).to.deep.equal([finding.rule, finding.values]);
    });
  }

  it('is told in the language of the client: what a handshake brings along', async () => {
    const told = async (auth: object, language: string) => {
      const headers = { 'accept-language': language };
      const error = await openDevice(app.url, { auth, headers }).catch((cause: unknown) => cause);
      return (error as { data: { details: FieldError[] } }).data.details[0];
    };
    const wrong = { protocol: 3, token: ada.token };
    expect(await told(wrong, 'en')).to.deep.equal({
      path: 'protocol',
      message: 'protocol must be one of [1]',
      rule: 'any.only',
      values: { valids: '[1]' },
    });
    expect((await told(wrong, 'zh-CN'))?.message).to.match(HAN);
    expect((await told({ token: 5 }, 'en'))?.message).to.equal('token must be a string');
    expect((await told({ token: 5 }, 'zh-CN'))?.message).to.match(HAN);
  });

  it('has one spelling for each id in an address', async () => {
    const { body } = await app.call<{ id: number }>('/agent/conversations', {
      token: ada.token,
      body: {},
    });
    const read = async (id: string) =>
      (await app.call(`/agent/conversations/${id}`, { token: ada.token })).status;
    expect(await read(String(body.id))).to.equal(200);
    for (const other of ['+', '0', '%20'].map((prefix) => prefix + body.id)) {
      expect(await read(other), other).to.equal(422);
    }
    expect(await read(`${body.id}.0`)).to.equal(422);
    expect(await read('1e3')).to.equal(422);
  });
});
