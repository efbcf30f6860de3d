import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { ConfigError, ENV_TABLE, readEnv } from '../../../src/config/config.js';

const STRONG = {
  NODE_ENV: 'production',
  SECRET_KEY: 'kZ4n1TzVw0mQ8yR5uXhB2cJf7sLgEa3d',
  REFRESH_SECRET_KEY: 'Wm9qP3vT6xYb1NcK8rHsDg5fJ2aLzE7u',
};

function problems(env: Record<string, string>): readonly string[] {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('readEnv', () => {
  it('starts a development node from an empty environment', async () => {
    const config = readEnv({});
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(config.app).to.deep.equal({ name: 'Parley', version, production: false, debug: false });
    expect(config.http.port).to.equal(8_000);
    expect(config.auth).to.deep.include({ secretKeys: [], refreshSecretKeys: [] });
    expect(config.auth).to.include({ accessTokenMs: 900_000, refreshTokenMs: 604_800_000 });
    expect(config.auth).to.include({ sessionMaxMs: 7_776_000_000, cookieSecure: false });
    expect(config.database).to.deep.equal({ url: null, poolMax: 20, auditDays: 365 });
    expect(config.redis).to.equal(null);
    expect(config.dataDir).to.equal(resolve('.data'));
    expect(config.provider).to.include({ apiKey: null, baseUrl: null, temperature: null });
    expect(config.generation).to.include({ flushMs: 30, leaseMs: 5_000, drainMs: 25_000 });
  });

  it('takes empty and blank variables for unset ones', () => {
    const blank = Object.fromEntries(ENV_TABLE.map(({ name }, i) => [name, i % 2 ? '' : '  ']));
    const { SYSTEM_PROMPT: _, ...others } = blank;
    expect(readEnv(others)).to.deep.equal(readEnv({}));
  });

  it('takes an empty or blank SYSTEM_PROMPT for none, and an unset one for the default', () => {
    const prompt = (env: Record<string, string>) => readEnv(env).provider.systemPrompt;
    expect(prompt({})).to.equal('You are a helpful assistant.');
    expect(prompt({ SYSTEM_PROMPT: '' })).to.equal('');
    expect(prompt({ SYSTEM_PROMPT: ' ' })).to.equal('');
    expect(prompt({ SYSTEM_PROMPT: ' Be brief. ' })).to.equal('Be brief.');
  });

  it('takes the table’s defaults when they are spelled out', () => {
    const spelled = Object.fromEntries(
      ENV_TABLE.map((variable) => [variable.name, variable.default]),
    );
    const { settings, ...config } = readEnv(spelled);
    const { settings: listed, ...standard } = readEnv({});
    expect(config).to.deep.equal(standard);
    const values = (all: typeof settings) => all.map(({ value }) => value);
    expect(values(settings)).to.deep.equal(values(listed));
  });

  it('reports every problem at once, by name and expectation', () => {
    const found = problems({
      PORT: '70000',
      STREAM_FLUSH_MS: '4',
      ALGORITHM: 'none',
      DEBUG: 'perhaps',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      TRUST_PROXY: 'everyone',
      CORS_ORIGINS: '*',
      TEMPERATURE: '2.5',
      LEASE_SECONDS: '0x10',
      LOG_LEVEL: 'loud',
    });
    expect(found.map((line) => line.split(':')[0])).to.have.members([
      'PORT',
      'STREAM_FLUSH_MS',
      'ALGORITHM',
      'DEBUG',
      'DATABASE_URL',
      'TRUST_PROXY',
      'CORS_ORIGINS',
      'TEMPERATURE',
      'LEASE_SECONDS',
      'LOG_LEVEL',
    ]);
    expect(found).to.include('PORT: expected an integer from 0 to 65535');
  });

  it('never prints the value of a secret', () => {
    const found = problems({
      ...STRONG,
      SECRET_KEY: 'hunter2',
      REFRESH_SECRET_KEY: 'hunter2',
      DATABASE_URL: 'hunter2',
      REDIS_URL: 'hunter2',
    });
    expect(found).to.have.length(5);
    expect(found.join()).not.to.contain('hunter2');
  });

  it('refuses missing, short, well-known and equal secrets in production', () => {
    expect(problems(STRONG)).to.deep.equal([]);
    expect(problems({ NODE_ENV: 'production' })).to.have.length(2);
    for (const secret of [
      'short',
      'a'.repeat(64),
      'your-super-secret-key-change-in-production',
      'changeme-changeme-changeme-changeme',
    ]) {
      expect(problems({ ...STRONG, SECRET_KEY: secret }), secret).to.have.length(1);
    }
    const equal = { ...STRONG, REFRESH_SECRET_KEY: STRONG.SECRET_KEY };
    expect(problems(equal)).to.deep.equal([
      'REFRESH_SECRET_KEY: expected a secret other than SECRET_KEY',
    ]);
  });

  it('takes several secrets, and judges each of them', () => {
    const other = 'pR7dKx2mVq9TzB4hYc6WnJf1GsLu8eA3';
    const both = { ...STRONG, SECRET_KEY: `${STRONG.SECRET_KEY}, ${other},` };
    expect(readEnv(both).auth.secretKeys).to.deep.equal([STRONG.SECRET_KEY, other]);
    const wrong = {
      [`${other},short`]: 'a secret of at least 32 bytes',
      [`${other},changeme-changeme-changeme-changeme`]: 'not a well-known one',
      [`${other},${other}`]: 'each secret once',
      [`${other},${STRONG.REFRESH_SECRET_KEY}`]: 'a secret other than SECRET_KEY',
    };
    for (const [secrets, expected] of Object.entries(wrong)) {
      const found = problems({ ...STRONG, SECRET_KEY: secrets });
      expect(found, expected).to.have.length(1);
      expect(found[0]).to.include(expected).and.not.include(other);
    }
    const many = Array.from({ length: 11 }, (_, i) => `${other}${i}`).join();
    expect(problems({ ...STRONG, SECRET_KEY: many })).to.deep.equal([
      'SECRET_KEY: expected at most 10 secrets',
    ]);
  });

  it('counts bytes of a secret, not characters', () => {
    expect(problems({ ...STRONG, SECRET_KEY: '秘密钥匙随机文字十一' })).to.have.length(1);
    expect(problems({ ...STRONG, SECRET_KEY: '秘密钥匙随机文字十一个' })).to.deep.equal([]);
  });

  it('leaves secrets of any kind alone in development', () => {
    expect(readEnv({ SECRET_KEY: 'dev' }).auth.secretKeys).to.deep.equal(['dev']);
  });

  it('makes cookies secure in production unless told otherwise', () => {
    expect(readEnv(STRONG).auth.cookieSecure).to.equal(true);
    expect(readEnv({ ...STRONG, COOKIE_SECURE: 'false' }).auth.cookieSecure).to.equal(false);
  });

  it('refuses SameSite=None without Secure', () => {
    const none = { ...STRONG, COOKIE_SAMESITE: 'none' };
    expect(problems(none)).to.deep.equal([]);
    expect(problems({ ...none, COOKIE_SECURE: 'false' })[0]).to.match(/^COOKIE_SAMESITE: /);
  });

  it('takes a webhook with its secret, and only where webhooks may lead', () => {
    const secret = `whsec_${Buffer.alloc(24).toString('base64')}`;
    const url = 'https://hooks.example.com/all';
    const both = { WEBHOOK_URL: url, WEBHOOK_SECRET: secret };
    const { webhooks } = readEnv(both);
    expect(webhooks).to.deep.equal({ installation: { url, secret }, allowPrivate: false });
    expect(readEnv({}).webhooks).to.deep.equal({ installation: null, allowPrivate: false });
    expect(problems({ WEBHOOK_URL: url })[0]).to.match(/^WEBHOOK_SECRET: /);
    expect(problems({ WEBHOOK_SECRET: secret })[0]).to.match(/^WEBHOOK_URL: /);
    for (const inner of ['https://10.0.0.1/', 'http://hooks.example.com/', 'https://u:p@x.org/']) {
      const lines = problems({ ...both, WEBHOOK_URL: inner });
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/^WEBHOOK_URL: /);
    }
    const open = { ...both, WEBHOOK_URL: 'http://10.0.0.1/', WEBHOOK_ALLOW_PRIVATE: 'true' };
    expect(problems(open)).to.deep.equal([]);
    for (const bad of ['whsec_short', 'secret', `${secret}!`, `whsec_${'A'.repeat(92)}`])
      expect(problems({ ...both, WEBHOOK_SECRET: bad })[0]).to.match(/^WEBHOOK_SECRET: /);
  });

  it('offers the demo model alone, and a real one with a key or an address', () => {
    expect(readEnv({}).provider).to.deep.include({
      defaultModel: 'parley-demo',
      models: ['parley-demo'],
    });
    expect(readEnv({ OPENAI_API_KEY: 'k' }).provider.defaultModel).to.equal('gpt-4o-mini');
    const local = { OPENAI_BASE_URL: 'http://localhost:11434/v1', OPENAI_MODEL: 'a' };
    const { models, baseUrl } = readEnv({ ...local, OPENAI_MODELS: 'b, a,b' }).provider;
    expect({ models, baseUrl }).to.deep.equal({
      models: ['a', 'b'],
      baseUrl: local.OPENAI_BASE_URL,
    });
  });

  it('understands proxies as Express does', () => {
    const trust = (TRUST_PROXY: string) => readEnv({ TRUST_PROXY }).http.trustProxy;
    expect([trust('true'), trust('false'), trust('2')]).to.deep.equal([true, false, 2]);
    expect(trust('loopback, 10.0.0.0/8')).to.equal('loopback, 10.0.0.0/8');
  });

  it('accepts origins of pages and of apps, in any case and with a final slash', () => {
    const { corsOrigins, bodyTokenOrigins } = readEnv({
      CORS_ORIGINS: 'https://Chat.Example.org/, http://localhost:3000',
      BODY_TOKEN_ORIGINS: 'capacitor://localhost',
    }).http;
    expect(corsOrigins).to.deep.equal(['https://chat.example.org', 'http://localhost:3000']);
    expect(bodyTokenOrigins).to.deep.equal(['capacitor://localhost']);
    expect(problems({ CORS_ORIGINS: 'https://a.example/path' })).to.have.length(1);
  });

  it('has its variables, all and no others, in .env.example with their defaults', async () => {
    const text = await readFile('.env.example', 'utf8');
    const lines = [...text.matchAll(/^#?([A-Z][A-Z_]+)=(.*)$/gm)];
    const given = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
    const expected = Object.fromEntries(ENV_TABLE.map((entry) => [entry.name, entry.default]));
    expect(given).to.deep.equal(expected);
    for (const { name, meaning } of ENV_TABLE) expect(text, name).to.contain(meaning);
  });

  it('reads no variable that the table lacks', async () => {
    const files = await readdir('src/config', { withFileTypes: true });
    const readers = files.filter((file) => file.isFile() && file.name !== 'table.ts');
    const texts = readers.map(({ name }) => readFile(`src/config/${name}`, 'utf8'));
    const source = (await Promise.all(texts)).join();
    const used = new Set(
      [
        ...source.matchAll(/'([A-Z]+(?:_[A-Z]+)+|PORT|DEBUG|REGISTRATION|ALGORITHM|TEMPERATURE)'/g),
      ].map(([, n]) => n),
    );
    const known = new Set<string>(ENV_TABLE.map(({ name }) => name));
    expect([...used].filter((name) => name !== undefined && !known.has(name))).to.deep.equal([]);
    expect([...known].filter((name) => !used.has(name))).to.deep.equal([]);
  });
});
