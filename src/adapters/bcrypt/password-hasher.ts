import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { LIMITS } from '../../contract/limits.js';
import { opaque } from '../../contract/text.js';
import { unavailable } from '../../entities/errors.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';

export interface PasswordHasherOptions {
  /** bcrypt's logarithmic cost. */
  cost: number;
  threads?: number;
  /** Passwords that may wait for a thread. Further ones are refused with AppError `unavailable`. */
  maxQueue?: number;
}

/** Messages of piscina when it is full or closing. Its errors have no code. */
const REFUSALS = new Set(['Task queue is at limit', 'Terminating worker thread']);

const translate = (error: unknown) =>
  error instanceof Error && REFUSALS.has(error.message) ? unavailable(error) : error;

type Task = { name: 'hash'; cost: number } | { name: 'verify'; hashes: string[] };

/** A well-formed hash of this cost that no password matches. */
const nobodysHash = (cost: number) =>
  `$2b$${String(cost).padStart(2, '0')}$${'nobodyhasthispassword.'.padEnd(53, '.')}`;

const costOf = (hash: string): number => Number(hash.split('$')[2]);

/**
 * The hash, and hashes that no password matches. Each step of the cost doubles the time, so all take as long as one hash
 * of the full cost.
 */
function hashesUpTo(cost: number, hash: string): string[] {
  const from = costOf(hash);
  const steps = Math.max(0, cost - from);
  return [hash, ...Array.from({ length: steps }, (_, i) => nobodysHash(from + i))];
}

/**
 * The forms in which a password may have been hashed: today's form, the text as typed, and the decomposed text that
 * some systems type. Older hashes use the latter two. Nearly all passwords have a single form. bcrypt would read only
 * the beginning of a longer one.
 */
const formsOf = (password: string): Set<string> =>
  new Set(
    [opaque(password), password, password.normalize('NFD')].filter(
      (form) => Buffer.byteLength(form) <= LIMITS.passwordMaxBytes,
    ),
  );

/** bcrypt in worker threads, which start with the first password and stop after an idle minute. */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { cost, threads = 2, maxQueue = 100 } = options;
  const pool = new Piscina({
    filename: fileURLToPath(new URL('./hash-worker.js', import.meta.url)),
    execArgv: [],
    minThreads: 0,
    maxThreads: threads,
    maxQueue,
    idleTimeout: 60_000,
  });
  const noHash = nobodysHash(cost);
  let stopping: Promise<void> | undefined;

  const run = async <T>(password: string, { name, ...task }: Task): Promise<T> => {
    if (stopping) throw unavailable(new Error('the password hasher has stopped'));
    try {
      return await pool.run({ password, ...task }, { name });
    } catch (error) {
      throw translate(error);
    }
  };

  /** Takes the same time for any hash, and without a hash. As a single task, it also waits and is refused alike. */
  const verify = (password: string, hash: string | null) =>
    run<boolean>(password, { name: 'verify', hashes: hashesUpTo(cost, hash ?? noHash) });

  return {
    hash: (password) => run<string>(opaque(password), { name: 'hash', cost }),

    async verify(password, hash) {
      for (const form of formsOf(password)) if (await verify(form, hash)) return true;
      return false;
    },

    isOutdated: (hash) => costOf(hash) < cost,

    stop() {
      stopping ??= pool.destroy();
      return stopping;
    },
  };
}
