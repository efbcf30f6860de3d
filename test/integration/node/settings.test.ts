import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { judged } from '../../../lab/people/judged.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import { ENV_TABLE, readEnv } from '../../../src/config/config.js';
import { maskUrl } from '../../../src/config/in-force.js';
import type { Variable } from '../../../src/config/variable.js';
import type { Setting } from '../../../src/contract/admin.js';
import type { Problem } from '../../../src/contract/errors.js';

const TABLE: readonly Variable[] = ENV_TABLE;
const DRAWN = 'Zm9vYmFyLXRoaXMtaXMtbm90LXRvLWJlLXNlZW4tMDE';
/** A value of each secret, in the form that its variable accepts. */
const SECRETS = Object.fromEntries(
  TABLE.filter(({ secret }) => secret === 'all').map(({ name }, i) => [
    name,
    `${name === 'WEBHOOK_SECRET' ? 'whsec_' : ''}${DRAWN}${i}`.padEnd(46, 'A'),
  ]),
);
const COLLECTOR = `https://owner:${DRAWN}@otel.example:4318/v1?api_key=${DRAWN}`;
/** Each address with everything that a secret may hide in. */
const ADDRESSES: Record<string, string> = {
  DATABASE_URL: `postgres://owner:${DRAWN}@db.example:5433/parley?sslmode=disable`,
  REDIS_URL: `redis://owner:${DRAWN}@s1.example:1,s2.example:2/0?sentinel=main&sentinel_password=${DRAWN}`,
  OPENAI_BASE_URL: 'https://models.example/v1',
  OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: COLLECTOR,
  WEBHOOK_URL: `https://hooks.example/services/${DRAWN}?token=${DRAWN}`,
};
const SAFE: Record<string, string> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://***@otel.example:4318/v1?api_key=***',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://***@otel.example:4318/v1?api_key=***',
  DATABASE_URL: 'postgres://***@db.example:5433/parley?sslmode=disable',
  REDIS_URL: 'redis://***@s1.example:1,s2.example:2/0?sentinel=main&sentinel_password=***',
  OPENAI_BASE_URL: 'https://models.example/v1',
  WEBHOOK_URL: 'https://hooks.example/***',
};

const settingsOf = (env: Record<string, string>): Map<string, Setting> =>
  new Map(readEnv(env).settings.map((setting) => [setting.name, setting]));

describe('The settings in force', () => {
  describe('as they are read', () => {
    it('are all variables of the table, once each, in its groups', () => {
      const listed = readEnv({}).settings;
      expect(listed.map(({ name }) => name)).to.deep.equal(TABLE.map(({ name }) => name));
      for (const { name, value, source, secret } of listed) {
        expect(source, name).to.equal('default');
        if (secret) expect(value, name).to.equal('not set');
      }
    });

    it('tell of no secret and no address what nobody may see', () => {
      expect(Object.keys(SECRETS).length).to.be.at.least(5);
      const urls = TABLE.filter(({ type }) => type === 'url').map(({ name }) => name);
      expect(Object.keys(ADDRESSES), 'a new address belongs into this test').to.have.members(urls);
      const settings = settingsOf({ ...SECRETS, ...ADDRESSES });
      expect(JSON.stringify([...settings])).to.not.include(DRAWN.slice(0, 12));
      for (const name of Object.keys(SECRETS)) {
        expect(settings.get(name), name).to.include({
          value: 'set',
          secret: true,
          source: 'environment',
        });
      }
      for (const name of urls) expect(settings.get(name)?.value, name).to.equal(SAFE[name]);
    });

    it('hold as secret every variable whose name sounds like one', () => {
      const sounding = /KEY|SECRET|PASSWORD|TOKEN(?!S)/;
      const harmless = [
        'REDIS_KEY_PREFIX',
        'ACCESS_TOKEN_EXPIRE_MINUTES',
        'REFRESH_TOKEN_EXPIRE_DAYS',
        'BODY_TOKEN_ORIGINS',
      ];
      const open = TABLE.filter(({ name, secret }) => sounding.test(name) && !secret);
      expect(open.map(({ name }) => name)).to.have.members(harmless);
    });

    it('are what the node works with, not what the variable says', () => {
      const bare = settingsOf({});
      const value = (settings: Map<string, Setting>, name: string) => settings.get(name)?.value;
      expect(value(bare, 'REGISTRATION')).to.equal('open');
      expect(value(bare, 'OPENAI_MODEL')).to.equal('parley-demo');
      expect(value(bare, 'AUTO_TITLE')).to.equal('false');
      expect(value(bare, 'OPENAI_BASE_URL')).to.equal(null);
      expect(bare.get('LEASE_SECONDS')).to.deep.include({ value: '5', default: '5', unit: 's' });
      const given = settingsOf({ DEBUG: 'yes', PORT: ' 80 ', SYSTEM_PROMPT: '', APP_NAME: '' });
      expect(value(given, 'DEBUG')).to.equal('true');
      expect(value(given, 'LOG_LEVEL')).to.equal('debug');
      expect(given.get('PORT')).to.include({ value: '80', source: 'environment' });
      expect(given.get('SYSTEM_PROMPT')).to.include({ value: null, source: 'environment' });
      expect(given.get('APP_NAME')).to.include({ value: 'Parley', source: 'default' });
    });

    it('have addresses that are only partly readable hidden as a whole', () => {
      expect(maskUrl('not an address with s3cret')).to.equal('***');
      expect(maskUrl('redis://:s3cret@host')).to.equal('redis://***@host');
      expect(maskUrl('postgres://a:b@c@host/x?password=s3cret&ssl')).to.equal(
        'postgres://***@host/x?password=***&ssl',
      );
    });
  });

  describe('by REST', () => {
    let app: TestApp;
    let faults: string[];
    let root: Account;

    before(async () => {
      const env = {
        OPENAI_API_KEY: SECRETS.OPENAI_API_KEY ?? '',
        SYSTEM_PROMPT: 'x'.repeat(9_000),
      };
      ({ app, faults } = await judged(await startApp(env)));
      root = await app.register('root');
      await makeAdmin(app, root);
    });
    after(() => app.stop());
    afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));

    it('are for administrators, without the password of the database, and bounded', async () => {
      const { status, body } = await app.call<Setting[]>('/admin/settings', { token: root.token });
      expect(status).to.equal(200);
      const { password } = new URL(app.databaseUrl);
      const text = JSON.stringify(body);
      if (password !== '') expect(text).to.not.include(`:${password}@`);
      expect(text).to.not.include(DRAWN.slice(0, 12));
      const prompt = body.find(({ name }) => name === 'SYSTEM_PROMPT')?.value;
      expect(prompt).to.have.length(2_000);
    });

    it('are for nobody without the permission', async () => {
      const ada = await app.register('ada');
      for (const token of [ada.token, undefined]) {
        const { status, body } = await app.call<Problem>('/admin/settings', token ? { token } : {});
        expect([status, body.code]).to.deep.equal(
          token ? [403, 'forbidden'] : [401, 'unauthenticated'],
        );
      }
    });
  });
});
