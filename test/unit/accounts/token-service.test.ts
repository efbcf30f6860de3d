import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { sessionRecord } from '../../../lab/stores/session-record.js';
import type { User } from '../../../src/contract/accounts.js';
import { TokenService } from '../../../src/domain/sessions/token-service.js';
import { AppError } from '../../../src/entities/errors.js';

const NOW = Date.parse('2026-01-01T00:00:00.250Z');
const MINUTE = 60_000;
const SECRET = 'access-secret-of-at-least-32-bytes!!';
const REFRESH_SECRET = 'refresh-secret-of-at-least-32-bytes!';
const SETTINGS = {
  secretKeys: [SECRET],
  refreshSecretKeys: [REFRESH_SECRET],
  issuer: 'parley',
  audience: 'parley',
  accessTokenMs: 15 * MINUTE,
};
const USER: User = {
  id: 7,
  email: 'ann@example.com',
  username: 'ann',
  roles: ['user'],
  is_active: true,
  created_at: new Date(NOW).toISOString(),
};
const SESSION = sessionRecord(NOW, 7 * 24 * 60 * MINUTE);

const service = (now = NOW, settings = SETTINGS) => new TokenService(settings, () => now);

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  const { token, expiresAt } = service().signAccess(USER, SESSION);
  const claims = jwt.decode(token, { json: true }) ?? {};
  const codeOfClaims = (changed: object, key = SECRET) => {
    const given = Object.entries({ ...claims, ...changed }).filter(
      ([, value]) => value !== undefined,
    );
    const forged = jwt.sign(Object.fromEntries(given), key, { algorithm: 'HS256' });
    return codeOf(() => service().verifyAccess(forged));
  };

  it('carry all that the contract lists', () => {
    expect(claims).to.have.all.keys(
      ...['sub', 'username', 'roles', 'sid', 'gen', 'type', 'iss', 'aud', 'iat', 'exp', 'jti'],
    );
    expect(claims).to.include({ sub: '7', type: 'access', gen: 3, sid: SESSION.id, iss: 'parley' });
  });

  it('are read back as they were signed, until they expire', () => {
    expect(expiresAt).to.equal(Math.floor(NOW / 1000) * 1000 + 15 * MINUTE);
    expect(service(expiresAt - 1).verifyAccess(token)).to.deep.equal({
      userId: 7,
      username: 'ann',
      roles: ['user'],
      sessionId: SESSION.id,
      gen: 3,
      expiresAt,
    });
    expect(codeOf(() => service(expiresAt).verifyAccess(token))).to.equal('token_expired');
  });

  it('are refused when unsigned, or signed in any way but HS256', () => {
    const unsigned = `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims)}.`;
    const stronger = jwt.sign(claims, SECRET, { algorithm: 'HS512' });
    for (const forged of [unsigned, stronger]) {
      expect(codeOf(() => service().verifyAccess(forged))).to.equal('token_invalid');
    }
  });

  it('are refused when tampered with, cut, or no token at all', () => {
    const [head, , signature] = token.split('.');
    const tampered = `${head}.${base64({ ...claims, sub: '8' })}.${signature}`;
    for (const bad of [tampered, token.slice(0, -2), '', 'garbage', 'a.b.c', 'x'.repeat(10_000)]) {
      expect(codeOf(() => service().verifyAccess(bad))).to.equal('token_invalid');
    }
  });

  it('are refused with another issuer, audience, type or key', () => {
    expect(codeOfClaims({})).to.equal('none');
    for (const changed of [{ iss: 'else' }, { aud: 'else' }, { type: 'refresh' }]) {
      expect(codeOfClaims(changed), JSON.stringify(changed)).to.equal('token_invalid');
    }
    expect(codeOfClaims({}, REFRESH_SECRET)).to.equal('token_invalid');
  });

  it('are refused when any claim is missing or of another form', () => {
    for (const name of Object.keys(claims)) {
      if (name === 'iat') continue; // The signing library adds it again.
      expect(codeOfClaims({ [name]: undefined }), name).to.equal('token_invalid');
    }
    for (const changed of [
      { sub: '0' },
      { sub: 'x' },
      { gen: -1 },
      { sid: 'x' },
      { roles: 'user' },
    ]) {
      expect(codeOfClaims(changed), JSON.stringify(changed)).to.equal('token_invalid');
    }
  });

  it('are no refresh tokens, nor the other way round', () => {
    const refresh = service().signRefresh(SESSION).token;
    expect(codeOf(() => service().verifyRefresh(token))).to.equal('token_invalid');
    expect(codeOf(() => service().verifyAccess(refresh))).to.equal('token_invalid');
    const sameKey = service(NOW, { ...SETTINGS, refreshSecretKeys: [SECRET] });
    expect(codeOf(() => sameKey.verifyRefresh(token))).to.equal('token_invalid');
  });
});

describe('refresh tokens', () => {
  it('follow from the session row alone', () => {
    const first = service().signRefresh(SESSION);
    const again = service(NOW + MINUTE).signRefresh({ ...SESSION, lastUsedAt: new Date(0) });
    expect(again).to.deep.equal(first);
  });

  it('differ for every turn, and only the present one is current', () => {
    const next = { ...SESSION, gen: 4, rotatedAt: new Date(NOW + 1) };
    const claims = service().verifyRefresh(service().signRefresh(SESSION).token);
    expect(service().isCurrent(claims, SESSION)).to.equal(true);
    expect(service().isCurrent(claims, next)).to.equal(false);
    expect(service().isCurrent(claims, { ...SESSION, rotatedAt: next.rotatedAt })).to.equal(false);
  });

  it('expire with their session, and can still be read to end it', () => {
    const { token, expiresAt } = service().signRefresh(SESSION);
    expect(codeOf(() => service(expiresAt).verifyRefresh(token))).to.equal('token_expired');
    expect(service(expiresAt).verifyRefresh(token, true)).to.include({ sessionId: SESSION.id });
  });

  describe('that came together', () => {
    const DAY = 24 * 60 * MINUTE;
    const of = (changed: Partial<typeof SESSION>) =>
      service().signRefresh({ ...SESSION, ...changed }).token;
    const newest = (...tokens: string[]) => service(NOW + DAY).newestOf(tokens);

    it('are reduced to the newest of each session, in any order', () => {
      const [old, young] = [of({ gen: 2 }), of({ gen: 3 })];
      const other = of({ id: 'c56a4180-65aa-42ec-a945-5fd21dec0538', gen: 1 });
      expect(newest(young, old, other)).to.deep.equal([young, other]);
      expect(newest(old, other, young)).to.deep.equal([young, other]);
    });

    it('are judged by the newest though it has expired: the older one was left behind', () => {
      const old = of({ gen: 2 });
      const expired = of({ gen: 3, expiresAt: new Date(NOW + MINUTE) });
      expect(newest(old, expired)).to.deep.equal([expired]);
    });

    it('are passed by if they are no tokens, unless nothing else came', () => {
      const token = of({});
      expect(newest('x', token)).to.deep.equal([token]);
      expect(newest('x', 'y')).to.deep.equal(['x']);
      expect(newest()).to.deep.equal([]);
    });
  });
});
