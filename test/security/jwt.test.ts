import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import { openDevice } from '../../lab/people/device.js';

type Json = Record<string, unknown>;

const SECRET = 'a-secret-for-tests-that-is-long-enough-1';
const REFRESH_SECRET = 'a-secret-for-tests-that-is-long-enough-2';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC_PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const decode = (part = ''): Json => JSON.parse(Buffer.from(part, 'base64url').toString());
const hmac = (signed: string, key: string | Buffer, hash = 'sha256') =>
  createHmac(hash, key).update(signed).digest('base64url');

/** A token of these parts, signed with HMAC. */
function forge(header: unknown, claims: unknown, key: string | Buffer = SECRET, hash?: string) {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${hmac(signed, key, hash)}`;
}

/** Forgeries of a good token by their names; each must be refused. */
function forgeries(good: string): Record<string, string> {
  const [head = '', body = '', signature = ''] = good.split('.');
  const header = decode(head);
  const claims = decode(body);
  const now = Math.floor(Date.now() / 1000);
  const unsigned = (alg: string) => `${encode({ ...header, alg })}.${body}.`;
  const withClaims = (change: Json) => forge(header, { ...claims, ...change });
  const without = (name: string) =>
    forge(header, Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)));
  const rsaSigned = `${encode({ ...header, alg: 'RS256' })}.${body}`;

  return {
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE', ''].map((alg) => [`alg "${alg}"`, unsigned(alg)]),
    ),
    'alg none with the old signature': unsigned('none') + signature,
    'no alg': forge({ ...header, alg: undefined }, claims),
    'no header': forge('', claims),
    'RS256 of another key': `${rsaSigned}.${sign('sha256', Buffer.from(rsaSigned), privateKey).toString('base64url')}`,
    'RS256 header, HMAC with its public key': forge(
      { ...header, alg: 'RS256' },
      claims,
      PUBLIC_PEM,
    ),
    'HS256 with a public key as secret': forge(header, claims, PUBLIC_PEM),
    HS384: forge({ ...header, alg: 'HS384' }, claims, SECRET, 'sha384'),
    HS512: forge({ ...header, alg: 'HS512' }, claims, SECRET, 'sha512'),
    'two algs': forge(`{"alg":"none","alg":"HS256","typ":"JWT"}`, claims, 'other'),
    'an empty secret': forge(header, claims, ''),
    'the secret of refresh tokens': forge(header, claims, REFRESH_SECRET),
    'another secret': forge(header, claims, `${SECRET}x`),
    'a key of its own': forge({ ...header, jwk: { kty: 'oct', k: encode('own') } }, claims, 'own'),
    'an address of keys': forge({ ...header, jku: 'http://127.0.0.1:9/keys' }, claims, 'own'),
    ...Object.fromEntries(
      ['../../../../dev/null', "x' UNION SELECT 'own", '__proto__', 'constructor', '0', ''].map(
        (kid) => [`kid "${kid}"`, forge({ ...header, kid }, claims, 'own')],
      ),
    ),
    'kid of no text': forge({ ...header, kid: { toString: 1 } }, claims, 'own'),
    'kid of /dev/null': forge({ ...header, kid: '/dev/null' }, claims, ''),
    'changed claims, old signature': `${head}.${encode({ ...claims, roles: ['admin'] })}.${signature}`,
    'a signature cut short': `${head}.${body}.${signature.slice(0, -4)}`,
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'four parts': `${good}.${signature}`,
    'critical extensions': forge({ ...header, crit: ['b64'], b64: false }, claims, 'own'),
    ...Object.fromEntries(
      ['sub', 'username', 'roles', 'sid', 'gen', 'type', 'iss', 'aud', 'iat', 'exp', 'jti'].map(
        (name) => [`no ${name}`, without(name)],
      ),
    ),
    'another iss': withClaims({ iss: 'somebody' }),
    'another aud': withClaims({ aud: 'somewhere' }),
    'type refresh': withClaims({ type: 'refresh' }),
    'a type of no text': withClaims({ type: ['access'] }),
    expired: withClaims({ iat: now - 1000, exp: now - 1 }),
    'an exp of no number': withClaims({ exp: '9999999999' }),
    'not yet valid': withClaims({ nbf: now + 600 }),
    'from the future': withClaims({ iat: now + 600, exp: now + 1500 }),
    'of another user': withClaims({ sub: '2' }),
    'of a user that is no number': withClaims({ sub: '1 OR 1=1' }),
    'of a session that is nobody’s': withClaims({ sid: randomUUID() }),
    'of a session that is no id': withClaims({ sid: "' OR true --" }),
    'of a turn before the first': withClaims({ gen: -1 }),
    'roles of no list': withClaims({ roles: 'admin' }),
    'a list for claims': forge(header, [claims]),
    'text for claims': forge(header, 'access'),
    'no claims': `${head}..${signature}`,
    huge: withClaims({ junk: 'x'.repeat(8_000) }),
    'deep claims': forge(header, `${'['.repeat(2_000)}${']'.repeat(2_000)}`),
  };
}

describe('access tokens that somebody else made', () => {
  let app: TestApp;
  let ada: Account;
  let cases: [string, string][];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    await app.register('eve');
    cases = Object.entries(forgeries(ada.token));
  });
  after(() => app.stop());

  it('are built by this test so that the same way gives good ones', async () => {
    const [head, body] = ada.token.split('.').slice(0, 2).map(decode);
    expect((await app.call('/users/me', { token: forge(head, body) })).status).to.equal(200);
  });

  it('are refused by REST, in the header and as a cookie', async () => {
    for (const [name, token] of cases) {
      for (const headers of [
        { authorization: `Bearer ${token}` },
        { cookie: `access_token=${token}` },
      ]) {
        const { status, body } = await app.call('/users/me', { headers });
        expect([name, status]).to.deep.equal([name, 401]);
        expect(body.code, name).to.match(/^(token_invalid|token_expired|session_revoked)$/);
      }
    }
  });

  it('are refused by handshakes, in `auth` and as a cookie', async () => {
    const refusal = async (options: object) => {
      const connected = openDevice(app.url, options).then(
        (device) => device.close(),
        (error: { data?: { code?: string } }) => error.data?.code,
      );
      return connected;
    };
    for (const [name, token] of cases) {
      const origin = app.url;
      const codes = await Promise.all([
        refusal({ token }),
        refusal({ headers: { cookie: `access_token=${token}`, origin } }),
      ]);
      for (const code of codes) {
        expect(code, name).to.match(
          /^(token_invalid|token_expired|session_revoked|validation_failed)$/,
        );
      }
    }
  });

  it('are refused by session:renew, and the socket goes on', async () => {
    const device = await app.device(ada);
    for (const [name, token] of cases) {
      const ack = await device.emit('session:renew', { token });
      expect(ack.ok ? 'accepted' : ack.error.code, name).to.match(
        /^(token_invalid|token_expired|session_revoked|validation_failed)$/,
      );
    }
    expect(await device.ask('conversation:list', {})).to.have.property('conversations');
  });
});

describe('refresh tokens that somebody else made', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
  });
  after(() => app.stop());

  it('are refused, and cost the session nothing', async () => {
    const { refreshToken, token: access } = await app.register('ada');
    const [header, claims = {}] = refreshToken.split('.').slice(0, 2).map(decode);
    const now = Math.floor(Date.now() / 1000);
    const wrong = {
      'the secret of access tokens': forge(header, claims, SECRET),
      'another jti': forge(header, { ...claims, jti: 'x' }, REFRESH_SECRET),
      'another type': forge(header, { ...claims, type: 'access' }, REFRESH_SECRET),
      'another aud': forge(header, { ...claims, aud: 'x' }, REFRESH_SECRET),
      expired: forge(header, { ...claims, exp: now - 1 }, REFRESH_SECRET),
      'an access token': access,
      none: `${encode({ alg: 'none' })}.${encode(claims)}.`,
    };
    const refresh = (refresh_token: string) =>
      app.call('/auth/refresh', { body: { refresh_token } });
    for (const [name, token] of Object.entries(wrong)) {
      const { status, body } = await refresh(token);
      expect([name, status]).to.deep.equal([name, 401]);
      expect(body.code, name).to.match(/^token_(invalid|expired)$/);
    }
    expect((await refresh(refreshToken)).status).to.equal(200);
  });
});
