import { expect } from 'chai';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { ClientEventName } from '../../../src/contract/events.js';
import {
  CHAT_PERMISSIONS,
  EVENT_PERMISSIONS,
  PERMISSIONS,
} from '../../../src/contract/permissions.js';
import { codes, readText, rows, section } from '../../support/markdown.js';

const EVENTS = Object.keys(EVENT_PERMISSIONS) as ClientEventName[];

describe('Roles', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    app.upstream.otherwise(answer('yes'));
  });
  after(() => app.stop());

  const takeRoles = ({ id }: Account) =>
    app.rows('DELETE FROM user_roles WHERE user_id = $1', [id]);

  const give = async (account: Account, name: string, permissions: readonly string[]) => {
    await app.rows(
      `WITH r AS (INSERT INTO roles (name, permissions) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET name = $1 RETURNING id)
       INSERT INTO user_roles (user_id, role_id) SELECT $3, id FROM r`,
      [name, permissions, account.id],
    );
  };

  /** All served calls that concern more than the user's own account. */
  const guardedCalls = async () => {
    const page = section(await readText('docs/protocol.md'), '## REST');
    const served = page.slice(0, page.indexOf('| reserved call |'));
    const calls = rows(served).flatMap(([cell = '']) => codes(cell));
    return calls.filter((call) => /^[A-Z]+ \/(agent|admin)\//.test(call));
  };

  const codeOf = async (call: string, { token }: Account) => {
    const [method = '', path = ''] = call.split(' ');
    const body = method === 'GET' ? {} : { body: {} };
    const answer = await app.call(path.replace(/:\w+/g, '1'), { method, token, ...body });
    return answer.body.code;
  };

  it('let a new user chat and no more', async () => {
    const ada = await app.register('ada');
    const chat = await app.call('/agent/chat', { token: ada.token, body: { message: 'may I?' } });
    expect(chat.status).to.equal(200);
    for (const call of await guardedCalls()) {
      const isAdmin = call.includes(' /admin/');
      expect((await codeOf(call, ada)) === 'forbidden', call).to.equal(isAdmin);
    }
  });

  it('refuse every call to who has none, whatever else is wrong with it', async () => {
    const bob = await app.register('bob');
    await takeRoles(bob);
    const calls = await guardedCalls();
    expect(calls.length).to.be.above(8);
    for (const call of calls) {
      expect(await codeOf(call, bob), call).to.equal('forbidden');
    }
    const own = await app.call<{ roles: string[] }>('/users/me', { token: bob.token });
    expect([own.status, own.body.roles]).to.deep.equal([200, []]);
  });

  it('refuse every event that the table guards, and no other, to who has none', async () => {
    const cleo = await app.register('cleo');
    await takeRoles(cleo);
    const device = await app.device(cleo);
    for (const name of EVENTS) {
      const ack = await device.emit(name, {} as never);
      const refused = !ack.ok && ack.error.code === 'forbidden';
      expect(refused, name).to.equal(EVENT_PERMISSIONS[name] !== null);
    }
    expect(device.socket.connected).to.equal(true);
  });

  for (const permission of CHAT_PERMISSIONS) {
    it(`with ${permission} alone open the events that need it alone`, async () => {
      const name = permission.replace(/\W/g, '-');
      const user = await app.register(name);
      await takeRoles(user);
      await give(user, name, [permission]);
      const device = await app.device(user);
      for (const event of EVENTS) {
        const ack = await device.emit(event, {} as never);
        const refused = !ack.ok && ack.error.code === 'forbidden';
        const needed = EVENT_PERMISSIONS[event];
        expect(refused, event).to.equal(needed !== null && needed !== permission);
      }
    });
  }

  it('add up, and take effect with the next request', async () => {
    const dora = await app.register('dora');
    expect(await codeOf('GET /admin/users', dora)).to.equal('forbidden');
    await give(dora, 'directory', ['users:read']);
    expect((await app.call('/admin/users', { token: dora.token })).status).to.equal(200);
    expect((await app.call('/agent/models', { token: dora.token })).status).to.equal(200);
  });

  it('let an admin do everything, also what its row does not name', async () => {
    const eva = await app.register('eva');
    await takeRoles(eva);
    await give(eva, 'admin', []);
    await app.rows(`UPDATE roles SET permissions = '{}' WHERE name = 'admin'`);
    for (const call of await guardedCalls()) {
      expect(await codeOf(call, eva), call).to.not.equal('forbidden');
    }
    await app.rows(`UPDATE roles SET permissions = $1 WHERE name = 'admin'`, [[...PERMISSIONS]]);
  });

  it('count for nothing with names that this release does not know', async () => {
    const finn = await app.register('finn');
    await takeRoles(finn);
    await give(finn, 'future', ['messages:teleport', 'users:read']);
    expect(await codeOf('GET /agent/conversations', finn)).to.equal('forbidden');
    expect((await app.call('/admin/users', { token: finn.token })).status).to.equal(200);
  });
});
