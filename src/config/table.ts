import { LIMITS_TABLE } from './limits-table.js';
import type { Variable } from './variable.js';

/** Every variable that is read. `npm test` holds `.env.example` to it. */
export const ENV_TABLE = [
  {
    name: 'NODE_ENV',
    default: 'development',
    description:
      '`development`, `test` or `production`. Production refuses missing and weak secrets.',
  },
  { name: 'APP_NAME', default: 'Parley', description: 'The name that `GET /` answers.' },
  {
    name: 'APP_VERSION',
    default: '',
    description: 'Shown by `GET /`; by default the version of this release.',
  },
  { name: 'DEBUG', default: 'false', description: '`true` logs at level `debug`.' },
  {
    name: 'LOG_LEVEL',
    default: '',
    description:
      '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`; by default `info`.',
  },
  {
    name: 'PORT',
    default: '8000',
    description: 'TCP port of REST, socket and page; 0 takes a free one.',
  },
  {
    name: 'TRUST_PROXY',
    default: 'false',
    description:
      'Which proxies may name the client: `false`, `true`, a number of hops, or addresses and networks, separated by commas.',
  },
  {
    name: 'CORS_ORIGINS',
    default: '',
    description:
      'Other origins whose pages may call with cookies, separated by commas: `https://chat.example.org`.',
  },
  {
    name: 'BODY_TOKEN_ORIGINS',
    default: '',
    description:
      'App origins that get tokens in the body instead of cookies, separated by commas: `capacitor://localhost`.',
  },
  {
    name: 'DATA_DIR',
    default: '.data',
    description: 'Where the embedded Postgres and development secrets are kept.',
  },

  {
    name: 'SECRET_KEY',
    default: '',
    description:
      'Signs access tokens, 32 bytes or more. Several, separated by commas: the first signs, all are accepted. Created in the data directory when empty, in development only.',
  },
  {
    name: 'REFRESH_SECRET_KEY',
    default: '',
    description:
      'Signs refresh tokens, 32 bytes or more, another one. Several and created likewise.',
  },
  { name: 'ALGORITHM', default: 'HS256', description: 'Of the tokens: `HS256` only.' },
  { name: 'JWT_ISSUER', default: 'parley', description: 'The claim `iss`.' },
  { name: 'JWT_AUDIENCE', default: 'parley', description: 'The claim `aud`.' },
  { name: 'ACCESS_TOKEN_EXPIRE_MINUTES', default: '15', description: 'Life of an access token.' },
  {
    name: 'REFRESH_TOKEN_EXPIRE_DAYS',
    default: '7',
    description: 'Life of a session that is not refreshed.',
  },
  {
    name: 'SESSION_MAX_DAYS',
    default: '90',
    description: 'Life of a session, however often it is refreshed.',
  },
  {
    name: 'SESSION_RECHECK_SECONDS',
    default: '30',
    description:
      'How often the sessions of open sockets are looked at, in case a notice was lost; at most 60.',
  },
  {
    name: 'BCRYPT_COST',
    default: '12',
    description: 'Work factor of password hashes; each step doubles it.',
  },
  {
    name: 'COOKIE_SECURE',
    default: '',
    description: 'Whether cookies need HTTPS; by default `true` in production, else `false`.',
  },
  {
    name: 'COOKIE_SAMESITE',
    default: 'lax',
    description: '`strict`, `lax` or `none`; `none` needs COOKIE_SECURE.',
  },

  {
    name: 'DATABASE_URL',
    default: '',
    description:
      '`postgres://user:password@host/database`, with `?sslmode=verify-full` for TLS. Empty: an embedded Postgres in the data directory.',
  },
  { name: 'DB_POOL_MAX', default: '20', description: 'Most database connections of this node.' },
  {
    name: 'AUDIT_RETENTION_DAYS',
    default: '365',
    description: 'After so many days entries of the audit log are forgotten: 30 or more; 0: never.',
  },
  {
    name: 'REDIS_URL',
    default: '',
    description:
      '`redis://host:6379`, `rediss://` for TLS, `redis://h1:p,h2:p?cluster`, or `redis://s1,s2/0?sentinel=name`. Empty: the memory engine, for one node.',
  },
  {
    name: 'REDIS_KEY_PREFIX',
    default: 'parley:',
    description: "Begins every key and channel. The deployment's id follows.",
  },
  {
    name: 'REDIS_COMMAND_TIMEOUT_MS',
    default: '500',
    description: 'How long Redis may take to answer before the node goes on without it.',
  },
  {
    name: 'PRESENCE_TTL_SECONDS',
    default: '30',
    description: 'The longest that users of a dead node are still shown as present.',
  },

  {
    name: 'OPENAI_API_KEY',
    default: '',
    description:
      'Key of the model server. Empty together with OPENAI_BASE_URL: the built-in demo model.',
  },
  {
    name: 'OPENAI_BASE_URL',
    default: '',
    description: 'An OpenAI-compatible server: `http://localhost:11434/v1`. Empty: OpenAI.',
  },
  {
    name: 'OPENAI_MODEL',
    default: '',
    description: 'The default model; `gpt-4o-mini`, with the demo model `parley-demo`.',
  },
  {
    name: 'OPENAI_MODELS',
    default: '',
    description:
      'Models that users may choose, separated by commas; the default model always belongs to them.',
  },
  {
    name: 'SYSTEM_PROMPT',
    default: 'You are a helpful assistant.',
    description:
      'Begins every conversation that sets none of its own. An empty one (`SYSTEM_PROMPT=`) is not sent.',
  },
  {
    name: 'TEMPERATURE',
    default: '',
    description: 'From 0 to 2; empty leaves it to the model server.',
  },
  {
    name: 'MAX_TOKENS',
    default: '',
    description: 'Most tokens of one answer; empty leaves it to the model server.',
  },
  {
    name: 'PROMPT_TOKENS',
    default: '8192',
    description: 'Most tokens of history that a model call carries; the oldest messages go first.',
  },
  {
    name: 'PROVIDER_CONNECT_TIMEOUT_MS',
    default: '10000',
    description: 'To reach the model server.',
  },
  {
    name: 'PROVIDER_FIRST_CHUNK_TIMEOUT_MS',
    default: '60000',
    description: 'To the first piece of an answer.',
  },
  { name: 'PROVIDER_IDLE_TIMEOUT_MS', default: '30000', description: 'Between two pieces.' },
  { name: 'PROVIDER_TOTAL_TIMEOUT_MS', default: '600000', description: 'For a whole answer.' },
  {
    name: 'PROVIDER_MAX_RETRIES',
    default: '2',
    description: 'Of a call that was refused or lost before its answer began.',
  },
  {
    name: 'MODEL_REQUESTS_PER_MINUTE',
    default: '0',
    description:
      'What the model server grants to all nodes together; 0: no limit. LIMIT_SCALE does not change it.',
  },
  {
    name: 'MODEL_TOKENS_PER_MINUTE',
    default: '0',
    description: 'Likewise, tokens of prompts and answers; 0: no limit.',
  },

  {
    name: 'STREAM_FLUSH_MS',
    default: '30',
    description: 'How long text is gathered before it is sent, 5 to 100.',
  },
  {
    name: 'LEASE_SECONDS',
    default: '5',
    description: 'How long a dead node keeps its answers before another takes over.',
  },
  {
    name: 'GENERATION_TRIES',
    default: '3',
    description: 'Failed tries after which an answer ends as `interrupted`.',
  },
  {
    name: 'GENERATIONS_PER_NODE',
    default: '200',
    description: 'Answers that this node writes at once.',
  },
  {
    name: 'GENERATIONS_PER_USER',
    default: '5',
    description: 'Answers that one user gets at once, on all nodes.',
  },
  {
    name: 'GENERATIONS_TOTAL',
    default: '0',
    description: 'Answers that all nodes together generate at once; 0: no limit.',
  },
  {
    name: 'PENDING_PER_USER',
    default: '50',
    description: 'Answers that one user may have waiting and running.',
  },
  {
    name: 'CLAIM_POLL_MS',
    default: '1000',
    description: 'How often a node looks for waiting work that nobody told it about.',
  },
  {
    name: 'DRAIN_SECONDS',
    default: '25',
    description: 'How long running answers may go on after SIGTERM.',
  },
  ...LIMITS_TABLE,
] as const satisfies readonly Variable[];

export type VariableName = (typeof ENV_TABLE)[number]['name'];
