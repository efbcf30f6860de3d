import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { openDevice } from '../../../lab/people/device.js';
import { type Guess, guess, guessInARow, statuses } from '../../../lab/people/guesses.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';

const PATIENT = { TRUST_PROXY: 'true', LOGIN_PER_MINUTE: '1000' };
const HOME = '203.0.113.7';

describe('Guessing a password', () => {
  let shared: TestApp;
  let app: TestApp;
  let victims = 0;

  before(async () => {
    shared = await startApp(PATIENT);
  });
  after(() => shared?.stop());
  afterEach(async () => {
    if (app !== shared) await app.stop();
  });

  /** An account whose owner has logged in only from `HOME`, on a separate node if that needs other settings. */
  const victim = async (env?: Record<string, string>) => {
    app = env ? await startApp(env) : shared;
    victims += 1;
    const ada = await app.register(`ada${victims}`);
    await app.rows('UPDATE sessions SET ip = $1', [HOME]);
    return ada;
  };

  /** An address that nobody has used before this test. */
  const elsewhere = (n: number) => `10.0.${victims}.${n}`;

  it('thirty times in a row ends in refusals that say how long to wait, and the account’s sessions go on', async () => {
    const ada = await victim({});
    const device = await app.device(ada);
    const answers = await guessInARow([app.url], 30, () => ({ email: ada.email }));
    expect(statuses(answers.slice(0, 5))).to.deep.equal(Array(5).fill(401));
    for (const { status, body, headers } of answers.slice(20)) {
      expect([status, body.code]).to.deep.equal([429, 'rate_limited']);
      expect(Number(headers.get('retry-after'))).to.be.within(1, 300);
    }
    expect((await guess(app.url, ada)).status).to.equal(429);
    expect(await device.ask('conversation:list', {})).to.have.property('conversations');
    const body = { refresh_token: ada.refreshToken };
    const renewed = await app.call<TokenResponse>('/auth/refresh', { body });
    const token = renewed.body.access_token ?? '';
    expect((await app.call('/users/me', { token })).status).to.equal(200);
  });

  it('is forgotten when the right one comes', async () => {
    const ada = await victim();
    for (let round = 0; round < 3; round++) {
      const wrong = await guessInARow([app.url], 4, () => ({ email: ada.email, from: HOME }));
      expect(statuses(wrong)).to.deep.equal([401, 401, 401, 401]);
      expect((await guess(app.url, { ...ada, from: HOME })).status).to.equal(200);
    }
  });

  it('from many addresses keeps other strangers waiting, but nobody who logged in there before', async () => {
    const ada = await victim();
    const answers = await guessInARow([app.url], 30, (n) => ({ ...ada, ...wrong(n) }));
    expect(statuses(answers.slice(0, 10))).to.deep.equal(Array(10).fill(401));
    expect(statuses(answers.slice(10))).to.deep.equal(Array(20).fill(429));
    const refused = await guess(app.url, { ...ada, from: elsewhere(99) });
    expect(refused.body.retry_after_ms).to.be.within(1, 60_000);
    expect((await guess(app.url, { ...ada, from: HOME })).status).to.equal(200);
  });

  it('uses up a budget of the account that does not count where its owner logged in before', async () => {
    const ada = await victim({ ...PATIENT, LOGIN_PER_MINUTE: '3' });
    const answers = await guessInARow([app.url], 4, (n) => ({ ...ada, ...wrong(n) }));
    expect(statuses(answers)).to.deep.equal([401, 401, 401, 429]);
    expect((await guess(app.url, { ...ada, from: elsewhere(99) })).status).to.equal(429);
    expect((await guess(app.url, { ...ada, from: HOME })).status).to.equal(200);
  });

  it('of many accounts keeps the address waiting, but nobody else', async () => {
    const ada = await victim();
    const [from, other] = [elsewhere(1), elsewhere(2)];
    const answers = await guessInARow([app.url], 60, (n) => ({ email: `u${n}@example.org`, from }));
    expect(statuses(answers.slice(0, 50))).to.deep.equal(Array(50).fill(401));
    expect(statuses(answers.slice(50))).to.deep.equal(Array(10).fill(429));
    expect((await guess(app.url, { ...ada, from: other })).status).to.equal(200);
  });

  it('is never refused with LIMIT_SCALE=0', async () => {
    const ada = await victim({ LIMIT_SCALE: '0' });
    const answers = await guessInARow([app.url], 40, () => ({ email: ada.email }));
    expect(new Set(statuses(answers))).to.deep.equal(new Set([401]));
  });

  it('looks the same for an account that does not exist, answer for answer', async () => {
    const ada = await victim({});
    const seen = async (email: string) => {
      const answers = await guessInARow([app.url], 12, () => ({ email }));
      return answers.map(({ status, body, headers }) => {
        const {
          request_id: _,
          retry_after_ms,
          ...problem
        } = body as typeof body & {
          request_id: string;
        };
        const named = [...headers.keys()].sort();
        return { status, problem, named, waits: retry_after_ms !== undefined };
      });
    };
    const known = await seen(ada.email);
    await app.restart();
    expect(await seen('nobody@example.com')).to.deep.equal(known);
    expect(known.map(({ status }) => status)).to.include(429);
  });

  it('takes as long for an account that does not exist', async () => {
    const ada = await victim({ LIMIT_SCALE: '0', BCRYPT_COST: '9' });
    const ratio = await compareTimes(20, {
      known: () => ({ email: ada.email }),
      unknown: (n) => ({ email: `nobody${n}@example.com` }),
    });
    expect(ratio).to.be.within(0.5, 2);
  });

  it('takes as long for an account that does not exist while both are refused', async () => {
    const ada = await victim();
    for (const email of [ada.email, 'nobody@example.com']) {
      await guessInARow([app.url], 12, (n) => ({ email, from: elsewhere(n) }));
    }
    const ratio = await compareTimes(40, {
      known: () => ({ email: ada.email, from: elsewhere(99) }),
      unknown: () => ({ email: 'nobody@example.com', from: elsewhere(98) }),
    });
    expect(ratio).to.be.within(0.4, 2.5);
  });

  it('is no way around the limit on handshakes, which counts by account too', async () => {
    const ada = await victim({ ...PATIENT, HANDSHAKES_PER_MINUTE: '3' });
    const connect = (n: number) =>
      openDevice(app.url, { token: ada.token, headers: { 'x-forwarded-for': elsewhere(n) } }).then(
        (device) => {
          device.close();
          return 'welcome';
        },
        (error) => error.data.code,
      );
    const seen = [];
    for (let n = 0; n < 5; n++) seen.push(await connect(n));
    expect(seen).to.deep.equal([...Array(3).fill('welcome'), ...Array(2).fill('rate_limited')]);
  });

  const wrong = (n: number) => ({ password: 'nobodys-own', from: elsewhere(n) });

  /** Ratio of the median times. The two take turns, so that other load on the machine affects both. */
  async function compareTimes(
    times: number,
    { known, unknown }: Record<'known' | 'unknown', (n: number) => Guess>,
  ): Promise<number> {
    const taken = { known: [] as number[], unknown: [] as number[] };
    const time = async (kind: 'known' | 'unknown', n: number) => {
      const started = performance.now();
      await guess(app.url, kind === 'known' ? known(n) : unknown(n));
      taken[kind].push(performance.now() - started);
    };
    for (let n = 0; n < times; n++) {
      await time('known', n);
      await time('unknown', n);
    }
    return median(taken.known) / median(taken.unknown);
  }
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
