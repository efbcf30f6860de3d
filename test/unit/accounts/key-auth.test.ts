import { expect } from 'chai';
import { makeKey } from '../../../src/domain/accounts/key-token.js';
import { KeyAuth } from '../../../src/domain/sessions/key-auth.js';
import { AppError } from '../../../src/entities/errors.js';

const MINUTE = 60_000;

/** A node's look at keys, with what it asked of Postgres. */
function createParts() {
  const { key, hash } = makeKey();
  const asked = { owners: 0, uses: [] as number[] };
  let now = 0;
  let recording = Promise.resolve();
  const auth = new KeyAuth(
    {
      async owner(wanted) {
        asked.owners += 1;
        return wanted === hash ? { id: 'k1', userId: 7 } : null;
      },
      findWithUsers: async () => [],
      use: () => {
        asked.uses.push(now);
        return recording;
      },
    },
    () => now,
  );
  return {
    ...{ auth, key, asked },
    wait(ms: number) {
      now += ms;
    },
    failToRecord() {
      recording = Promise.reject(new Error('Postgres is away'));
      recording.catch(() => {});
    },
  };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

const free = async () => {};

describe('A key that is presented', () => {
  it('is looked up once, and costs its later requests no place among strangers', async () => {
    const { auth, key, asked } = createParts();
    let strangers = 0;
    const beforeLookup = async () => {
      strangers += 1;
    };
    const first = await auth.owner(key, beforeLookup);
    expect(first).to.deep.equal({ id: 'k1', userId: 7 });
    expect(await auth.owner(key, beforeLookup)).to.deep.equal(first);
    expect({ strangers, owners: asked.owners }).to.deep.equal({ strangers: 1, owners: 1 });
  });

  it('is looked up again as long as there is none like it', async () => {
    const { auth, asked } = createParts();
    const other = makeKey().key;
    expect(await codeOf(auth.owner(other, free))).to.equal('token_invalid');
    expect(await codeOf(auth.owner(other, free))).to.equal('token_invalid');
    expect(asked.owners).to.equal(2);
  });

  it('is not looked up if it has another form, or if its sender asks too much', async () => {
    const { auth, key, asked } = createParts();
    expect(await codeOf(auth.owner(`${key}x`, free))).to.equal('token_invalid');
    const refuse = () => Promise.reject(new AppError('rate_limited'));
    expect(await codeOf(auth.owner(key, refuse))).to.equal('rate_limited');
    expect(asked.owners).to.equal(0);
  });

  it('counts as revoked when it has gone', async () => {
    const { auth } = createParts();
    expect(await codeOf(auth.admit({ id: 'k1', userId: 7 }))).to.equal('key_revoked');
  });

  it('is recorded as used once a minute, and works if that fails', async () => {
    const { auth, asked, wait, failToRecord } = createParts();
    await auth.used('k1');
    wait(MINUTE - 1);
    await auth.used('k1');
    wait(1);
    failToRecord();
    await auth.used('k1');
    expect(asked.uses).to.deep.equal([0, MINUTE]);
  });
});
