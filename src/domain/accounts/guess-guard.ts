import { createHash } from 'node:crypto';
import { AppError, rateLimited } from '../../entities/errors.js';
import type { DelayRule, FailureDelays } from '../../ports/failure-delays.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { addressKey } from '../limits/address.js';
import type { Limit } from '../limits/rate-rules.js';
import { type GuessRules, guessRules } from './guess-rules.js';
import { identityKey } from './identity.js';

export interface GuessGuardDeps {
  limit: Limit;
  delays: FailureDelays;
  /** Addresses from which the account's owner has recently logged in; none for an unknown email. */
  addressesOf(email: string): Promise<string[]>;
  telemetry: Telemetry;
}

type Counter = [rule: DelayRule, key: string];

/** Emails come from strangers: they may have any length, and must not show in a store. So a hash is used. */
const accountKey = (email: string): string =>
  createHash('sha256').update(identityKey(email)).digest('base64url').slice(0, 22);

const isWrongPassword = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'invalid_credentials';

/** Slows down people who guess passwords, but not the owners of the accounts. */
export class GuessGuard {
  #deps: GuessGuardDeps;
  /** Null: limits are off. */
  #rules: GuessRules | null;

  constructor(deps: GuessGuardDeps, scale: number) {
    this.#deps = deps;
    this.#rules = scale === 0 ? null : guessRules(scale);
  }

  /**
   * Runs a login from `address`, in the form that limits count by.
   * @throws AppError `rate_limited` before the attempt, whether or not the account exists
   */
  async login<T>(email: string, address: string, attempt: () => Promise<T>): Promise<T> {
    if (!this.#rules) return attempt();
    const account = accountKey(email);
    const pair: Counter = [this.#rules.pair, `${account} ${address}`];
    const shared: Counter[] = [
      [this.#rules.account, account],
      [this.#rules.address, address],
    ];
    await this.#deps.limit('login', address);
    await this.#admit([pair]);
    await this.#admitShared(email, account, address, shared);
    return this.#watch([pair, ...shared], pair, attempt);
  }

  /** Runs a check of the current password within a session. @throws AppError `rate_limited` */
  async confirm<T>(sessionId: string, check: () => Promise<T>): Promise<T> {
    if (!this.#rules) return check();
    const counter: Counter = [this.#rules.session, sessionId];
    await this.#deps.limit('confirm', sessionId);
    await this.#admit([counter]);
    return this.#watch([counter], counter, check);
  }

  /** Limits that strangers can use up do not apply to addresses where the owner has logged in before. */
  async #admitShared(email: string, account: string, address: string, shared: Counter[]) {
    try {
      await this.#deps.limit('account', account);
      await this.#admit(shared);
    } catch (error) {
      const known = await this.#deps.addressesOf(email);
      if (!known.some((ip) => addressKey(ip) === address)) throw error;
    }
  }

  async #admit(counters: Counter[]): Promise<void> {
    const waits = counters.map(([rule, key]) => this.#deps.delays.waitMs(rule, key));
    const waitMs = Math.max(...(await Promise.all(waits)));
    if (waitMs === 0) return;
    this.#deps.telemetry.limited({ limit: 'guesses' });
    throw rateLimited(waitMs);
  }

  async #watch<T>(failing: Counter[], own: Counter, attempt: () => Promise<T>): Promise<T> {
    const { delays } = this.#deps;
    try {
      const result = await attempt();
      await delays.forget(...own);
      return result;
    } catch (error) {
      if (isWrongPassword(error)) await Promise.all(failing.map((one) => delays.fail(...one)));
      throw error;
    }
  }
}
