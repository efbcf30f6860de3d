import { expect } from 'chai';
import { type Config, ConfigError, ENV_TABLE, readEnv } from '../../../src/config/config.js';

function problems(env: Record<string, string>): readonly string[] {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Free text, which may contain quotes and line breaks. */
const PROSE: string[] = ENV_TABLE.filter(({ type }) => type === 'prose').map(({ name }) => name);
/** Names and secrets of any kind: values that are odd for a number may be valid here. */
const TEXT = [
  ...['APP_VERSION', 'DATA_DIR', 'JWT_ISSUER', 'JWT_AUDIENCE', 'SECRET_KEY', 'REFRESH_SECRET_KEY'],
  ...[
    'REDIS_KEY_PREFIX',
    'OPENAI_API_KEY',
    'OPENAI_MODEL',
    'OPENAI_MODELS',
    'TITLE_MODEL',
    'METRICS_TOKEN',
  ],
];
const ODD = [
  ...['1e3', '0x10', '5s', '1,000', '1_000', '-1', '-0.5', 'NaN', 'Infinity', '١٢', '1 2', '1;2'],
  ...['null', 'undefined', 'nil', '{}', '[]', '*', 'tru', 'http://', '//', '?', '#', '🦜'],
];

describe('A value of any variable', () => {
  for (const { name } of ENV_TABLE.filter(({ name }) => ![...TEXT, ...PROSE].includes(name))) {
    it(`is refused in one line that names ${name} when it is none that it takes`, () => {
      for (const value of ODD) {
        const found = problems({ [name]: value });
        expect(found, value).to.have.length(1);
        expect(found[0], value).to.match(
          new RegExp(`^${name}: expected [^\\n]+$|^${name}: [^\\n]+; expected`),
        );
      }
    });
  }

  for (const entry of ENV_TABLE) {
    if (!('min' in entry)) continue;
    const { name, type, min, max } = entry;
    it(`is accepted in the range that the pages show for ${name}, and refused beside it`, () => {
      const step = type === 'integer' ? 1 : 0.00001;
      for (const value of [min, max]) expect(problems({ [name]: `${value}` })).to.deep.equal([]);
      for (const value of [(min - step).toFixed(5), (max + step).toFixed(5)]) {
        const text = type === 'integer' ? `${Number(value)}` : value;
        expect(problems({ [name]: text }), text).to.deep.equal([
          `${name}: expected ${type === 'integer' ? 'an integer' : 'a number'} from ${min} to ${max}`,
        ]);
      }
    });
  }

  it('is refused with quotes around it, or with a control character in it', () => {
    for (const { name, default: given } of ENV_TABLE) {
      if (PROSE.includes(name)) continue;
      const value = given || 'x';
      for (const odd of [`"${value}"`, `'${value}'`, `${value}\n${value}`, `${value}\u0000`]) {
        const found = problems({ [name]: odd });
        expect(found.length, `${name}=${odd}`).to.be.above(0);
        expect(found.join(' ').split(`${name}: `).length - 1, name).to.equal(found.length);
      }
    }
  });

  it('may be surrounded by blanks, an end of line and a byte order mark', () => {
    for (const { name, default: given } of ENV_TABLE) {
      if (given === '') continue;
      const { settings, ...read } = readEnv({ [name]: `\uFEFF ${given} \r\n` });
      const { settings: standard, ...config } = readEnv({});
      expect(read, name).to.deep.equal(config);
      const values = (listed: typeof settings) => listed.map(({ value }) => value);
      expect(values(settings), name).to.deep.equal(values(standard));
    }
  });
});

const TAKEN: [env: Record<string, string>, means: (config: Config) => unknown, value: unknown][] = [
  [{ TRUST_PROXY: 'True' }, ({ http }) => http.trustProxy, true],
  [{ TRUST_PROXY: 'off' }, ({ http }) => http.trustProxy, false],
  [{ TRUST_PROXY: '1' }, ({ http }) => http.trustProxy, 1],
  [{ TRUST_PROXY: '10.0.0.1,,fd00::/8,' }, ({ http }) => http.trustProxy, '10.0.0.1, fd00::/8'],
  [
    { CORS_ORIGINS: 'https://a.example:443' },
    ({ http }) => http.corsOrigins,
    ['https://a.example'],
  ],
  [{ CORS_ORIGINS: 'http://a.example:80/' }, ({ http }) => http.corsOrigins, ['http://a.example']],
  [
    { CORS_ORIGINS: 'https://Bücher.example' },
    ({ http }) => http.corsOrigins,
    ['https://xn--bcher-kva.example'],
  ],
  [{ CORS_ORIGINS: ',https://a.example,,' }, ({ http }) => http.corsOrigins, ['https://a.example']],
  [{ OPENAI_BASE_URL: 'HTTP://H:1/v1/' }, ({ provider }) => provider.baseUrl, 'http://h:1/v1'],
  [{ OPENAI_BASE_URL: 'http://[::1]:1' }, ({ provider }) => provider.baseUrl, 'http://[::1]:1'],
  [{ OPENAI_API_KEY: 'sk-1\n' }, ({ provider }) => provider.apiKey, 'sk-1'],
  [{ DEBUG: 'TRUE' }, ({ app }) => app.debug, true],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/' },
    ({ traces }) => traces,
    { url: 'http://otel:4318/v1/traces', protocol: 'http/protobuf' },
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/otlp/?token=x' },
    ({ traces }) => traces?.url,
    'https://otel.example/otlp/v1/traces?token=x',
  ],
  [
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://tempo/otlp/',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    },
    ({ traces }) => traces,
    { url: 'https://tempo/otlp/', protocol: 'http/json' },
  ],
  [
    { OTEL_TRACES_EXPORTER: 'otlp' },
    ({ traces }) => traces,
    { url: 'http://localhost:4318/v1/traces', protocol: 'http/protobuf' },
  ],
  [
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' },
    ({ traces }) => traces,
    null,
  ],
  [
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' },
    ({ traces }) => traces,
    null,
  ],
  [{ OTEL_SERVICE_NAME: 'chat' }, ({ traces }) => traces, null],
  [{ LEASE_SECONDS: '.5' }, ({ generation }) => generation.leaseMs, 500],
  [{ PORT: '0080' }, ({ http }) => http.port, 80],
  [
    { SYSTEM_PROMPT: '"Be brief."\nAlways.' },
    ({ provider }) => provider.systemPrompt,
    '"Be brief."\nAlways.',
  ],
];

const REFUSED: [name: string, value: string][] = [
  ...[
    '1.5',
    'abc',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '300.1.1.1',
    'fd00::/129',
    'host.example',
    '1000',
  ].map((value): [string, string] => ['TRUST_PROXY', value]),
  ...[
    'https://a.example/path',
    'https://a.example//',
    'https://u@a.example',
    'https://a.example:99999',
  ].map((value): [string, string] => ['CORS_ORIGINS', value]),
  ...[
    'https://*.example',
    'a.example',
    'null',
    'wss://a.example',
    'https://a.example?x',
    'file://x',
  ].map((value): [string, string] => ['CORS_ORIGINS', value]),
  ...[
    'http://h/v1?key=1',
    'http://h/v1?',
    'http://h/v1#x',
    'http://u:p@h/v1',
    'http://u@h/v1',
    'h/v1',
  ].map((value): [string, string] => ['OPENAI_BASE_URL', value]),
  ...['http://h/v1/chat/completions', 'http://h/v1/chat/completions/', 'http://h/v1/models'].map(
    (value): [string, string] => ['OPENAI_BASE_URL', value],
  ),
  ...[
    'http://h:99999/v1',
    'http://h:0/v1',
    'http://h/v1/chat',
    'http://h/V1/Chat/Completions',
    'http://h:11434/api/chat',
    'http://h:11434/api/generate/',
    'http:///v1',
    'ftp://h/v1',
    'http://h\\v1',
    'http://a b/v1',
    'http:h',
  ].map((value): [string, string] => ['OPENAI_BASE_URL', value]),
  ...['sk 1', 'sk-ü', 'Bearer sk-1', '"sk-1"', 'sk\u200b1'].map((value): [string, string] => [
    'OPENAI_API_KEY',
    value,
  ]),
  ['OPENAI_MODEL', 'a,b'],
  ['TITLE_MODEL', 'a,b'],
  ['OPENAI_MODEL', 'm'.repeat(129)],
  ['OPENAI_MODELS', `a, ${'m'.repeat(129)}`],
  ['REDIS_KEY_PREFIX', 'a{b}:'],
  ['REDIS_KEY_PREFIX', 'a b:'],
  ['REDIS_KEY_PREFIX', 'a*'],
  ['DATA_DIR', '~/parley'],
];

describe('A setting', () => {
  for (const [env, means, value] of TAKEN) {
    it(`means what it says: ${JSON.stringify(env)}`, () => {
      expect(means(readEnv(env))).to.deep.equal(value);
    });
  }

  for (const [name, value] of REFUSED) {
    it(`is refused by its name: ${name}=${JSON.stringify(value).slice(0, 60)}`, () => {
      const found = problems({ [name]: value });
      expect(found).to.have.length(1);
      expect(found[0]).to.match(new RegExp(`^${name}: expected [^\\n]+$`));
    });
  }

  it('is refused without the secrets in it', () => {
    const found = problems({
      OPENAI_API_KEY: 'hunter2 hunter2',
      OPENAI_BASE_URL: 'http://u:hunter2@h/v1',
      DATABASE_URL: 'postgres://u:hunter2@h@i/d',
      REDIS_URL: 'redis://:hunter2@h@i',
    });
    expect(found).to.have.length(4);
    expect(found.join()).not.to.include('hunter2');
  });
});
