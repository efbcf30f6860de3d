import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import {
  type ConnectionState,
  createClient,
  type ParleyClient,
} from '../../../src/client/index.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';

describe('A socket whose session was changed without a notice', () => {
  let app: TestApp;
  let ann: Account;
  let device: Device;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', SESSION_RECHECK_SECONDS: '0.2' });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
    device = await app.device(ann);
  });

  const WAYS: [string, string, string][] = [
    [
      'the account is disabled',
      'account_disabled',
      'UPDATE users SET is_active = false WHERE id = $1',
    ],
    [
      'it is revoked',
      'session_revoked',
      'UPDATE sessions SET revoked_at = now() WHERE user_id = $1',
    ],
    ['it runs out', 'session_revoked', 'UPDATE sessions SET expires_at = now() WHERE user_id = $1'],
    ['it is gone', 'session_revoked', 'DELETE FROM sessions WHERE user_id = $1'],
    ['the account is gone', 'session_revoked', 'DELETE FROM users WHERE id = $1'],
  ];
  for (const [what, code, sql] of WAYS) {
    it(`is closed with ${code} at the next recheck when ${what}`, async () => {
      await app.rows(sql, [ann.id]);
      expect(await device.until('session:ended')).to.deep.equal({ code });
      await eventually(
        () => device.socket.connected,
        (connected) => !connected,
      );
    });
  }

  it('has the new roles and name after the next recheck, and stays', async () => {
    const works = async () => (await device.emit('conversation:list', {})).ok;
    await app.rows('DELETE FROM user_roles WHERE user_id = $1', [ann.id]);
    await eventually(works, (ok) => !ok);
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'user'`,
      [ann.id],
    );
    await eventually(works, (ok) => ok);
    expect(device.all('session:ended')).to.deep.equal([]);
  });

  it('stays while Postgres cannot say, and is closed when it can', async () => {
    await app.rows('ALTER TABLE sessions RENAME TO sessions_away');
    await app.rows('UPDATE sessions_away SET revoked_at = now() WHERE user_id = $1', [ann.id]);
    await app.logged('session recheck failed, will try again');
    expect(device.all('session:ended')).to.deep.equal([]);
    await app.rows('ALTER TABLE sessions_away RENAME TO sessions');
    expect(await device.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
  });
});

/** Three warnings come after the first token's expiry: each refresh happens at half of its token's life. */
const WARNINGS = 3;

describe('A session that is renewed while an answer runs', () => {
  let app: TestApp;
  const clients: ParleyClient[] = [];

  before(async () => {
    app = await startApp({
      LIMIT_SCALE: '0',
      ACCESS_TOKEN_EXPIRE_MINUTES: '0.2',
    });
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await app.stop();
  });

  /** Rotates the session, and returns the new access token. */
  const refresher = (account: Account) => {
    let { refreshToken } = account;
    return async () => {
      const body = { refresh_token: refreshToken };
      const { body: tokens } = await app.call<TokenResponse>('/auth/refresh', { body });
      refreshToken = tokens.refresh_token ?? '';
      return tokens.access_token ?? '';
    };
  };

  const connect = (token: string, refresh: () => Promise<string>) => {
    const backoff = { minMs: 20, maxMs: 100 };
    const client = createClient({ url: app.url, token, refresh, backoff });
    clients.push(client);
    return client;
  };

  const hear = (device: Device, warnings: number) =>
    eventually(
      () => device.all('session:expiring').length,
      (count) => count >= warnings,
    );

  it('goes on without a gap, for any client and for the SDK, beyond the end of the first token', async () => {
    const [ann, bob, dora] = await Promise.all(['ann', 'bob', 'dora'].map(app.register));
    if (!ann || !bob || !dora) throw new Error('nobody came');
    const [device, untold] = await Promise.all([app.device(ann), app.device(dora)]);
    const refresh = refresher(ann);
    const held = [app.upstream.next(), app.upstream.next()];
    const sent = await device.ask('message:send', { client_id: 'c-1', content: 'go' });
    await held[0]?.opened;
    const states: ConnectionState[] = [];
    const client = connect(bob.token, refresher(bob));
    client.connection.subscribe(({ state }) => states.push(state));
    const { conversation } = await client.send({ content: 'go' });
    const store = client.open(conversation.id);
    const renew = async (turn: number) => {
      await hear(device, turn);
      const { expires_at } = await device.ask('session:renew', { token: await refresh() });
      expect(Date.parse(expires_at)).to.be.above(Date.now());
    };
    const renewUntold = async (turn: number) => {
      await hear(untold, turn);
      await app.rows('UPDATE sessions SET last_used_at = now() WHERE user_id = $1', [dora.id]);
      await untold.ask('session:renew', {});
    };
    for (let turn = 1; turn <= WARNINGS; turn++) {
      for (const one of held) one.write(`turn ${turn} `);
      await Promise.all([renew(turn), renewUntold(turn)]);
    }
    expect((await app.call('/users/me', { token: ann.token })).body.code).to.equal('token_expired');
    for (const one of held) {
      one.write('end');
      one.finish();
    }
    const whole = 'turn 1 turn 2 turn 3 end';
    await device.ended(sent.assistant_message.id);
    expect(device.text(sent.assistant_message.id)).to.equal(whole);
    expect(device.all('server:hello')).to.have.length(1);
    expect([untold.socket.connected, untold.all('session:ended')]).to.deep.equal([true, []]);
    const last = () => store.state.messages.at(-1);
    await eventually(last, (message) => message?.status === 'completed');
    expect(last()).to.include({ content: whole, attempt: 1 });
    expect(states.filter((state) => state !== 'connecting')).to.deep.equal(['online']);
  });

  it('keeps what was written while no refresh was possible, and sends it once', async () => {
    app.upstream.otherwise(answer('here'));
    const cleo = await app.register('cleo');
    const away = new ParleyError({ code: 'unavailable', message: 'away', retryable: true });
    const good = refresher(cleo);
    let isAway = true;
    const client = connect(cleo.token, () => (isAway ? Promise.reject(away) : good()));
    await eventually(
      () => client.connection.status.state,
      (state) => state === 'online',
    );
    await eventually(
      () => client.connection.status.state,
      (state) => state === 'reconnecting',
    );
    const sent = client.send({ content: 'still there?' });
    isAway = false;
    const { conversation } = await sent;
    const rows = await app.rows(
      `SELECT content FROM messages WHERE role = 'user' AND conversation_id = $1`,
      [conversation.id],
    );
    expect(rows).to.deep.equal([{ content: 'still there?' }]);
  });
});
