import { pino } from 'pino';
import { readEnv } from '../../src/config/config.js';
import type { Readiness } from '../../src/contract/rest.js';
import { App } from '../../src/node/app.js';
import { eventually } from '../eventually.js';
import { freePort } from '../stores/redis.js';

export interface LoneApp {
  url: string;
  /** Resolves when the node serves, or was stopped. */
  started: Promise<void>;
  ready(): Promise<Readiness & { code: number }>;
  /** Resolves to the node's readiness once it `fits`. */
  until(fits: (found: Readiness & { code: number }) => boolean): Promise<Readiness>;
  /** The reasons in its warnings and errors. */
  reasons: { level: string; reason: string }[];
  stop(): Promise<void>;
}

const SECRETS = {
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
};

/** A node in this process that may have to wait before it serves. */
export async function launchApp(env: Record<string, string>): Promise<LoneApp> {
  const reasons: LoneApp['reasons'] = [];
  const write = (line: string) => {
    const { level, reason } = JSON.parse(line);
    if (reason) reasons.push({ level: pino.levels.labels[level] ?? '', reason });
  };
  const port = await freePort();
  const config = readEnv({
    NODE_ENV: 'test',
    BCRYPT_COST: '4',
    PORT: String(port),
    ...SECRETS,
    ...env,
  });
  const app = App.create(config, { logger: pino({ level: 'warn' }, { write }) });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    const response = await fetch(`${url}/health/ready`);
    return { code: response.status, ...((await response.json()) as Readiness) };
  };
  const look = () => ready().catch(() => ({ code: 0, status: 'unready' as const, checks: {} }));
  return {
    url,
    started: app.start(),
    ready,
    reasons,
    until: (fits) => eventually(look, fits),
    stop: () => app.stop(0),
  };
}
