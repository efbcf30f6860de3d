import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Setting } from '../contract/admin.js';
import { type Env, EnvReader } from './env-reader.js';
import { type HttpConfig, readHttp } from './http.js';
import { settingsInForce } from './in-force.js';
import { type MetricsConfig, readMetrics } from './metrics.js';
import { readModels, readTitles } from './model.js';
import { PATHS } from './paths.js';
import { parsePostgresUrl } from './postgres-url.js';
import type { ProviderSetup } from './providers-file.js';
import { parseRedisUrl } from './redis-url.js';
import { readSecrets } from './secrets.js';
import { readTraces, type TracesConfig } from './traces.js';
import { readWebhooks, type WebhookConfig } from './webhooks.js';

export { ConfigError } from './env-reader.js';
export { ENV_GROUPS, ENV_TABLE } from './table.js';

/**
 * Everything that the environment decides, typed and nested. Durations are in milliseconds unless the name says
 * otherwise.
 */
export interface Config {
  app: { name: string; version: string; production: boolean; debug: boolean };
  http: HttpConfig;
  metrics: MetricsConfig;
  /** Null: nothing is traced. */
  traces: TracesConfig | null;
  webhooks: WebhookConfig;
  auth: {
    /** The first one signs, all verify. Empty outside production: the node creates one. */
    secretKeys: string[];
    refreshSecretKeys: string[];
    issuer: string;
    audience: string;
    accessTokenMs: number;
    refreshTokenMs: number;
    /** How often the sessions of open sockets are checked. */
    recheckMs: number;
    sessionMaxMs: number;
    bcryptCost: number;
    cookieSecure: boolean;
    cookieSameSite: 'strict' | 'lax' | 'none';
    /** Who may register, once there is an account. */
    registration: 'open' | 'invite' | 'closed';
  };
  database: {
    /** Null: the embedded server in `dataDir`. */
    url: string | null;
    poolMax: number;
    /** Entries of the audit log are deleted after this many days; 0: never. */
    auditDays: number;
  };
  /** Null: the memory engine. */
  redis: {
    url: string;
    keyPrefix: string;
    commandTimeoutMs: number;
    presenceTtlMs: number;
  } | null;
  dataDir: string;
  provider: {
    /** Null together with `baseUrl`: the built-in demo model. */
    apiKey: string | null;
    baseUrl: string | null;
    defaultModel: string;
    /** The models of that server. Empty: there is none beside `servers`. */
    models: string[];
    /** The servers in the providers file. */
    servers: ProviderSetup[];
    /** The demo model gives no titles. */
    autoTitle: boolean;
    /** Null: the model of the answer. */
    titleModel: string | null;
    systemPrompt: string;
    temperature: number | null;
    maxTokens: number | null;
    /** The tokens that an answer without a longest length reserves of its user's quota. */
    reserveTokens: number;
    /** Token budget of a prompt. */
    promptTokens: number;
    connectTimeoutMs: number;
    firstChunkTimeoutMs: number;
    idleTimeoutMs: number;
    totalTimeoutMs: number;
    maxRetries: number;
    /** Limits of the model server for all nodes together; 0: none. */
    requestsPerMinute: number;
    tokensPerMinute: number;
  };
  generation: {
    flushMs: number;
    leaseMs: number;
    tries: number;
    perNode: number;
    perUser: number;
    /** Limit of all nodes together; 0: none. */
    total: number;
    pendingPerUser: number;
    pollMs: number;
    drainMs: number;
  };
  limits: {
    /** Multiplies every rate and concurrency limit; 0 turns them off. */
    scale: number;
    registerPerMinute: number;
    loginPerMinute: number;
    refreshPerMinute: number;
    requestsPerMinute: number;
    handshakesPerMinute: number;
    messagesPerMinute: number;
    eventsPerSecond: number;
    socketBytesPerSecond: number;
    connectionsPerUser: number;
    connectionsPerAddress: number;
    addressRequestsPerSecond: number;
    importMaxBytes: number;
  };
  log: { level: string; pretty: boolean };
  /** All of the above as administrators may see it. */
  settings: Setting[];
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const MIB = 1_048_576;
function packageVersion(): string {
  const text = readFileSync(PATHS.package, 'utf8');
  return String(JSON.parse(text).version);
}

function readApp(read: EnvReader): Config['app'] {
  return {
    name: read.text('APP_NAME'),
    version: read.text('APP_VERSION') || packageVersion(),
    production: read.oneOf('NODE_ENV') === 'production',
    debug: read.boolean('DEBUG', false),
  };
}

function readCookies(read: EnvReader, production: boolean) {
  const cookieSecure = read.boolean('COOKIE_SECURE', production);
  const cookieSameSite = read.oneOf('COOKIE_SAMESITE');
  if (cookieSameSite === 'none' && !cookieSecure) {
    read.problem('COOKIE_SAMESITE', 'lax or strict without COOKIE_SECURE: browsers reject none');
  }
  return { cookieSecure, cookieSameSite };
}

function readAuth(read: EnvReader, production: boolean): Config['auth'] {
  read.oneOf('ALGORITHM');
  return {
    ...readSecrets(read, production),
    ...readCookies(read, production),
    issuer: read.text('JWT_ISSUER'),
    audience: read.text('JWT_AUDIENCE'),
    accessTokenMs: Math.round(read.number('ACCESS_TOKEN_EXPIRE_MINUTES') * MINUTE),
    refreshTokenMs: Math.round(read.number('REFRESH_TOKEN_EXPIRE_DAYS') * DAY),
    recheckMs: Math.round(read.number('SESSION_RECHECK_SECONDS') * 1_000),
    sessionMaxMs: Math.round(read.number('SESSION_MAX_DAYS') * DAY),
    bcryptCost: read.integer('BCRYPT_COST'),
    registration:
      read.unless('REGISTRATION', () => read.oneOf('REGISTRATION')) ??
      (production ? 'closed' : 'open'),
  };
}

/** The table refuses to delete younger entries. */
function readAuditDays(read: EnvReader): number {
  const days = read.integer('AUDIT_RETENTION_DAYS');
  if (days > 0 && days < 30) read.problem('AUDIT_RETENTION_DAYS', '0, or 30 and more');
  return days;
}

function readDatabase(read: EnvReader): Config['database'] {
  return {
    url: read.readable('DATABASE_URL', parsePostgresUrl),
    poolMax: read.integer('DB_POOL_MAX'),
    auditDays: readAuditDays(read),
  };
}

/** Braces would select the shard of a Cluster. */
function readKeyPrefix(read: EnvReader): string {
  const prefix = read.text('REDIS_KEY_PREFIX');
  if (!/^[^\s{}*?[\]\\\p{C}]{1,100}$/u.test(prefix)) {
    read.problem(
      'REDIS_KEY_PREFIX',
      'at most 100 characters, without blanks, {, }, *, ?, [, ] and \\',
    );
  }
  return prefix;
}

/** A shell's ~ would become a directory of that name. */
function readDataDir(read: EnvReader): string {
  const text = read.text('DATA_DIR');
  if (text.startsWith('~')) read.problem('DATA_DIR', 'a full path: ~ is not expanded here');
  return resolve(text);
}

function readRedis(read: EnvReader): Config['redis'] {
  const url = read.readable('REDIS_URL', parseRedisUrl);
  const keyPrefix = readKeyPrefix(read);
  const commandTimeoutMs = read.integer('REDIS_COMMAND_TIMEOUT_MS');
  const presenceTtlMs = read.integer('PRESENCE_TTL_SECONDS') * 1_000;
  return url === null ? null : { url, keyPrefix, commandTimeoutMs, presenceTtlMs };
}

function readProvider(read: EnvReader): Config['provider'] {
  const models = readModels(read);
  return {
    ...models,
    ...readTitles(read, models),
    systemPrompt: read.textOrEmpty('SYSTEM_PROMPT'),
    temperature: read.unless('TEMPERATURE', () => read.number('TEMPERATURE')),
    maxTokens: read.unless('MAX_TOKENS', () => read.integer('MAX_TOKENS')),
    reserveTokens: read.integer('RESERVE_TOKENS'),
    promptTokens: read.integer('PROMPT_TOKENS'),
    connectTimeoutMs: read.integer('PROVIDER_CONNECT_TIMEOUT_MS'),
    firstChunkTimeoutMs: read.integer('PROVIDER_FIRST_CHUNK_TIMEOUT_MS'),
    idleTimeoutMs: read.integer('PROVIDER_IDLE_TIMEOUT_MS'),
    totalTimeoutMs: read.integer('PROVIDER_TOTAL_TIMEOUT_MS'),
    maxRetries: read.integer('PROVIDER_MAX_RETRIES'),
    requestsPerMinute: read.integer('MODEL_REQUESTS_PER_MINUTE'),
    tokensPerMinute: read.integer('MODEL_TOKENS_PER_MINUTE'),
  };
}

function readGeneration(read: EnvReader): Config['generation'] {
  return {
    flushMs: read.integer('STREAM_FLUSH_MS'),
    leaseMs: Math.round(read.number('LEASE_SECONDS') * 1_000),
    tries: read.integer('GENERATION_TRIES'),
    perNode: read.integer('GENERATIONS_PER_NODE'),
    perUser: read.integer('GENERATIONS_PER_USER'),
    total: read.integer('GENERATIONS_TOTAL'),
    pendingPerUser: read.integer('PENDING_PER_USER'),
    pollMs: read.integer('CLAIM_POLL_MS'),
    drainMs: Math.round(read.number('DRAIN_SECONDS') * 1_000),
  };
}

function readLimits(read: EnvReader): Config['limits'] {
  return {
    scale: read.number('LIMIT_SCALE'),
    registerPerMinute: read.integer('REGISTER_PER_MINUTE'),
    loginPerMinute: read.integer('LOGIN_PER_MINUTE'),
    refreshPerMinute: read.integer('REFRESH_PER_MINUTE'),
    requestsPerMinute: read.integer('REQUESTS_PER_MINUTE'),
    handshakesPerMinute: read.integer('HANDSHAKES_PER_MINUTE'),
    messagesPerMinute: read.integer('MESSAGES_PER_MINUTE'),
    eventsPerSecond: read.integer('EVENTS_PER_SECOND'),
    socketBytesPerSecond: read.integer('SOCKET_BYTES_PER_SECOND'),
    connectionsPerUser: read.integer('CONNECTIONS_PER_USER'),
    connectionsPerAddress: read.integer('CONNECTIONS_PER_ADDRESS'),
    addressRequestsPerSecond: read.integer('ADDRESS_REQUESTS_PER_SECOND'),
    importMaxBytes: read.integer('IMPORT_MAX_MB') * MIB,
  };
}

function readLog(read: EnvReader, { debug, production }: Config['app']): Config['log'] {
  const level = read.unless('LOG_LEVEL', () => read.oneOf('LOG_LEVEL'));
  return { level: level ?? (debug ? 'debug' : 'info'), pretty: !production };
}

/** @throws ConfigError with all problems at once. Secrets may be empty outside production: the caller creates them. */
export function readEnv(env: Env): Config {
  const read = new EnvReader(env);
  const app = readApp(read);
  const config = {
    app,
    http: readHttp(read),
    metrics: readMetrics(read),
    traces: readTraces(read),
    webhooks: readWebhooks(read),
    auth: readAuth(read, app.production),
    database: readDatabase(read),
    redis: readRedis(read),
    dataDir: readDataDir(read),
    provider: readProvider(read),
    generation: readGeneration(read),
    limits: readLimits(read),
    log: readLog(read, app),
  };
  return read.finish({ ...config, settings: settingsInForce(read, config) });
}
