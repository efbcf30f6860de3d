import type { ErrorCode } from '../../contract/errors.js';
import type { Device } from '../../entities/entities.js';
import type { RateLimiter, RateRule } from '../../ports/rate-limiter.js';
import type { AuditRepository } from '../../ports/repositories/audit-repository.js';
import { addressKey } from '../limits/address.js';
import { record } from '../rights/actor.js';

const HOUR_MS = 3_600_000;
const rule = (name: string, points: number): RateRule => ({ name, points, windowMs: HOUR_MS });

/** Entries per hour are limited, so that a flood of guesses cannot fill the table. */
const PER_ADDRESS = rule('audit-address', 20);
const PER_ACCOUNT = rule('audit-account', 20);
const IN_ALL = rule('audit-all', 1_000);

/** Records failed logins: whose account and from where, but never the input. */
export class RefusedLogins {
  #audit: AuditRepository;
  #limiter: RateLimiter;

  constructor(audit: AuditRepository, limiter: RateLimiter) {
    this.#audit = audit;
    this.#limiter = limiter;
  }

  /** A null `subjectId`: no account has that address. */
  async add(subjectId: number | null, device: Device, code: ErrorCode): Promise<void> {
    if (!(await this.#hasRoom(subjectId, addressKey(device.ip)))) return;
    const stranger = { userId: null, sessionId: null, ...device };
    await record(this.#audit, stranger, 'sign_in_refused', subjectId, { code });
  }

  /** Asks the limiter equally often, whether the account exists or not. */
  async #hasRoom(subjectId: number | null, address: string): Promise<boolean> {
    const waits = await Promise.all([
      this.#limiter.consume(PER_ADDRESS, address),
      this.#limiter.consume(PER_ACCOUNT, subjectId === null ? address : String(subjectId)),
    ]);
    if (waits.some((ms) => ms > 0)) return false;
    return (await this.#limiter.consume(IN_ALL, '')) === 0;
  }
}
