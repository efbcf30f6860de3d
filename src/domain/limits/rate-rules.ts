import { rateLimited } from '../../entities/errors.js';
import type { RateLimiter, RateRule } from '../../ports/rate-limiter.js';
import { noTelemetry, type Telemetry } from '../../ports/telemetry.js';
import { scaledBy } from './scaled.js';

export interface RateSettings {
  /** Multiplies every budget; 0 turns the limits off. */
  scale: number;
  registerPerMinute: number;
  loginPerMinute: number;
  refreshPerMinute: number;
  requestsPerMinute: number;
  handshakesPerMinute: number;
  messagesPerMinute: number;
  eventsPerSecond: number;
}

/**
 * `login` counts by address, `account` by the email that was entered, `confirm` by session, the others by user or
 * address.
 */
export type RateName =
  | 'register'
  | 'login'
  | 'account'
  | 'confirm'
  | 'refresh'
  | 'request'
  | 'handshake'
  | 'message'
  | 'export'
  | 'import'
  | 'invite'
  | 'key'
  | 'webhook'
  | 'model-test'
  | 'event';

export type RateRules = Readonly<Record<RateName, RateRule>>;

const MINUTE_MS = 60_000;
/** Each export reads everything that is stored about a user. */
const EXPORTS_PER_HOUR = 10;
/** Each may send a large file. */
const IMPORTS_PER_HOUR = 60;
const INVITATIONS_PER_HOUR = 200;
const KEYS_PER_HOUR = 60;
/** Each may look up a name. */
const WEBHOOKS_PER_HOUR = 60;
/** Each asks the model. */
const MODEL_TESTS_PER_MINUTE = 10;
/** Events come in bursts: the budget of this many seconds may be used at once. */
const EVENT_WINDOW_MS = 10_000;

export function rateRules(settings: RateSettings): RateRules {
  const rule = (name: RateName, points: number, windowMs: number): RateRule => ({
    name,
    points: scaledBy(settings.scale)(points),
    windowMs,
  });
  const perMinute = (name: RateName, points: number) => rule(name, points, MINUTE_MS);
  return {
    register: perMinute('register', settings.registerPerMinute),
    login: perMinute('login', settings.loginPerMinute),
    account: perMinute('account', settings.loginPerMinute),
    confirm: perMinute('confirm', settings.loginPerMinute),
    refresh: perMinute('refresh', settings.refreshPerMinute),
    request: perMinute('request', settings.requestsPerMinute),
    handshake: perMinute('handshake', settings.handshakesPerMinute),
    message: perMinute('message', settings.messagesPerMinute),
    export: rule('export', EXPORTS_PER_HOUR, 60 * MINUTE_MS),
    import: rule('import', IMPORTS_PER_HOUR, 60 * MINUTE_MS),
    'model-test': perMinute('model-test', MODEL_TESTS_PER_MINUTE),
    invite: rule('invite', INVITATIONS_PER_HOUR, 60 * MINUTE_MS),
    key: rule('key', KEYS_PER_HOUR, 60 * MINUTE_MS),
    webhook: rule('webhook', WEBHOOKS_PER_HOUR, 60 * MINUTE_MS),
    event: rule('event', settings.eventsPerSecond * (EVENT_WINDOW_MS / 1000), EVENT_WINDOW_MS),
  };
}

/** Takes `cost` (default 1) from the budget of `key`. @throws AppError `rate_limited` if it is used up */
export type Limit = (name: RateName, key: string, cost?: number) => Promise<void>;

export function createLimit(
  limiter: RateLimiter,
  settings: RateSettings,
  telemetry: Telemetry = noTelemetry,
): Limit {
  const rules = rateRules(settings);
  return async (name, key, cost = 1) => {
    if (settings.scale === 0) return;
    const waitMs = await limiter.consume(rules[name], key, cost);
    if (waitMs === 0) return;
    telemetry.limited({ limit: name });
    throw rateLimited(waitMs);
  };
}
