import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { sessionRecord } from '../../../lab/stores/session-record.js';
import { KeyRing, keyId } from '../../../src/domain/sessions/key-ring.js';
import { TokenService } from '../../../src/domain/sessions/token-service.js';
import { AppError } from '../../../src/entities/errors.js';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const [OLD, NEW, OTHER] = ['the-old-secret', 'the-new-secret', 'another-secret'];
const SESSION = sessionRecord(NOW, 3_600_000);

const service = (...secrets: string[]) =>
  new TokenService(
    {
      secretKeys: [OTHER],
      refreshSecretKeys: secrets,
      issuer: 'parley',
      audience: 'parley',
      accessTokenMs: 900_000,
    },
    () => NOW,
  );

const sign = (...secrets: string[]) => service(...secrets).signRefresh(SESSION).token;

/** The judgement of a service with these secrets on the token. */
function judge(token: string, ...secrets: string[]): string {
  try {
    service(...secrets).verifyRefresh(token);
    return 'good';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const headerOf = (token: string) => jwt.decode(token, { complete: true })?.header;

/** The claims of a valid token, signed again with another header. */
const withHeader = (header: object, secret: string) =>
  jwt.sign(jwt.decode(sign(OLD)) ?? {}, secret, {
    algorithm: 'HS256',
    header: { alg: 'HS256', ...header },
  });

describe('A ring of keys', () => {
  it('signs with the first, and says in the header which one that is', () => {
    const token = sign(NEW, OLD);
    expect(headerOf(token)).to.deep.equal({ alg: 'HS256', typ: 'JWT', kid: keyId(NEW) });
    expect(judge(token, NEW)).to.equal('good');
    expect(judge(token, OLD)).to.equal('token_invalid');
  });

  it('takes what any of them has signed, wherever it stands, and nothing else', () => {
    expect(judge(sign(OLD), NEW, OLD)).to.equal('good');
    expect(judge(sign(NEW), OLD, NEW)).to.equal('good');
    expect(judge(sign(OLD), NEW)).to.equal('token_invalid');
    expect(judge(sign(OTHER), NEW, OLD)).to.equal('token_invalid');
  });

  it('tries a token without a name against the first alone', () => {
    expect(judge(withHeader({}, OLD), OLD, NEW)).to.equal('good');
    expect(judge(withHeader({}, OLD), NEW, OLD)).to.equal('token_invalid');
  });

  it('refuses a name that is not its own, of another key, or no text', () => {
    expect(judge(withHeader({ kid: keyId(NEW) }, OLD), OLD, NEW)).to.equal('token_invalid');
    expect(judge(withHeader({ kid: '../../dev/null' }, ''.padEnd(1)), OLD)).to.equal(
      'token_invalid',
    );
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const kid of [null, 0, {}, [keyId(OLD)], '__proto__', '']) {
      const [, claims, signature] = sign(OLD).split('.');
      const token = [base64({ alg: 'HS256', typ: 'JWT', kid }), claims, signature].join('.');
      expect(judge(token, OLD), JSON.stringify(kid)).to.equal('token_invalid');
    }
  });

  it('names keys by what tells nothing of them, the same on every node', () => {
    expect(keyId(OLD)).to.match(/^[\w-]{12}$/);
    expect(keyId(OLD)).to.equal(keyId(OLD)).and.not.equal(keyId(NEW));
    expect(() => new KeyRing([])).to.throw('a secret');
  });
});
