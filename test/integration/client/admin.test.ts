import { expect } from 'chai';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { createAdminRest } from '../../../src/client/admin.js';
import { createClient, ParleyError } from '../../../src/client/index.js';

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof ParleyError ? error.code : String(error)),
  );

describe('The SDK of administrators', () => {
  let app: TestApp;
  let root: Account;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    app.upstream.otherwise(answer('yes'));
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    root = await app.register(`root${serial}`);
    await makeAdmin(app, root);
  });

  const restOf = ({ token }: Account) =>
    createAdminRest({ url: app.url, token: () => token, timeoutMs: 30_000 });

  it('is refused without the permission', async () => {
    const ann = await app.register(`ann${serial}`);
    expect(await codeOf(restOf(ann).users())).to.equal('forbidden');
  });

  it('lists accounts in pages, and changes one of them', async () => {
    const admin = restOf(root);
    const names = ['bea', 'cem', 'dan'].map((name) => `${name}${serial}`);
    for (const name of names) await app.register(name);
    const first = await admin.users({ limit: 2 });
    expect(first.entries.map(({ username }) => username)).to.deep.equal(names.slice(1).reverse());
    const cursor = first.next_cursor ?? '';
    const [next] = (await admin.users({ limit: 2, cursor })).entries;
    expect(next?.username).to.equal(names[0]);
    const id = next?.id ?? 0;
    const changed = await admin.changeUser(id, { is_active: false, tokens_per_day: 5 });
    expect(changed).to.include({ id, is_active: false, tokens_per_day: 5 });
    expect((await admin.users({ q: names[0] ?? '' })).entries).to.deep.equal([changed]);
    expect((await admin.usageOf(id)).day).to.include({ tokens: 0, limit: 5 });
    expect(await codeOf(admin.usageOf(2 ** 30))).to.equal('not_found');
  });

  it('creates, changes and deletes a role, whatever its name', async () => {
    const admin = restOf(root);
    const name = `guests-${serial}`;
    const made = await admin.createRole({ name, permissions: ['nodes:read'] });
    expect(made).to.deep.include({ name, permissions: ['nodes:read'] });
    expect(await codeOf(admin.createRole({ name, permissions: [] }))).to.equal('conflict');
    const changed = await admin.changeRole(name, { tokens_per_day: 7 });
    expect(changed).to.include({ name, tokens_per_day: 7 });
    expect(await admin.roles()).to.deep.include(changed);
    await admin.deleteRole(name);
    expect((await admin.roles()).map((role) => role.name)).to.not.include(name);
    expect(await codeOf(admin.changeRole('no/such?role', { tokens_per_day: 1 }))).to.equal(
      'not_found',
    );
  });

  it('invites, lists what is open, and takes it back', async () => {
    const admin = restOf(root);
    const { token, url, ...invitation } = await admin.invite({ email: `eve${serial}@example.com` });
    expect(url).to.include(token);
    expect((await admin.invitations({ limit: 1 })).entries).to.deep.equal([invitation]);
    await admin.revokeInvitation(invitation.id);
    const ids = (await admin.invitations()).entries.map(({ id }) => id);
    expect(ids).to.not.include(invitation.id);
  });

  it('shows what runs, what it cost, who did what, and the settings in force', async () => {
    const admin = restOf(root);
    const client = createClient({ url: app.url, token: root.token });
    const held = app.upstream.next();
    try {
      const sent = await client.send({ content: 'Hello' });
      await held.opened;
      const { users } = await admin.queue();
      expect(users.map(({ username }) => username)).to.deep.equal([`root${serial}`]);
      const store = client.open(sent.conversation.id);
      const ended = new Promise<void>((resolve) =>
        store.subscribe(({ messages }) => {
          if (messages.at(-1)?.status === 'completed') resolve();
        }),
      );
      held.write('Light.');
      held.finish();
      await ended;
    } finally {
      client.disconnect();
    }
    const { rows } = await admin.usageBy('user');
    expect(rows.map(({ user }) => user.username)).to.include(`root${serial}`);
    await admin.createRole({ name: `watched-${serial}`, permissions: [] });
    const [last] = (await admin.audit({ limit: 1 })).entries;
    expect(last).to.deep.include({
      action: 'role_created',
      actor: { id: root.id, username: `root${serial}` },
    });
    const settings = await admin.settings();
    expect(settings.find(({ name }) => name === 'LIMIT_SCALE')).to.include({ value: '0' });
  });

  it('lists the nodes, tests a model, and reads what its server said', async () => {
    const admin = restOf(root);
    const [node] = await admin.nodes();
    expect(node?.alive).to.equal(true);
    expect(await codeOf(admin.drainNode('no such node'))).to.equal('not_found');
    expect(await admin.testModel()).to.include({ ok: true });
    expect(await codeOf(admin.testModel('no-such-model'))).to.equal('validation_failed');
    const device = await app.device(root);
    app.upstream.script(status(400, { message: 'no such thing' }));
    const sent = await device.ask('message:send', { client_id: 'q', content: 'Hello' });
    await device.ended(sent.assistant_message.id);
    const { words } = await admin.modelWords(sent.assistant_message.id);
    expect(words).to.include('no such thing');
  });
});
