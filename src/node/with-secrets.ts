import type { Logger } from 'pino';
import type { Config } from '../config/config.js';

type Secrets = Pick<Config['auth'], 'secretKeys' | 'refreshSecretKeys'>;

/** Creates missing secrets once in development, and keeps them in the data directory. */
export async function withSecrets(
  config: Config,
  logger: Logger,
  ensure: (dataDir: string) => Promise<Secrets>,
): Promise<Config> {
  const { secretKeys, refreshSecretKeys } = config.auth;
  if (secretKeys.length > 0 && refreshSecretKeys.length > 0) return config;
  const made = await ensure(config.dataDir);
  logger.warn(
    { dir: config.dataDir },
    'SECRET_KEY or REFRESH_SECRET_KEY not set: using secrets made for this directory',
  );
  const auth = {
    ...config.auth,
    secretKeys: secretKeys.length > 0 ? secretKeys : made.secretKeys,
    refreshSecretKeys: refreshSecretKeys.length > 0 ? refreshSecretKeys : made.refreshSecretKeys,
  };
  return { ...config, auth };
}
