import type { Config } from '../config/config.js';
import { newSecret, rotateDevelopmentSecrets } from '../node/context.js';

type SecretName = 'SECRET_KEY' | 'REFRESH_SECRET_KEY';

/** The values to set, step by step; each on every node before the next. */
export interface RotationStep {
  what: string;
  values: Partial<Record<SecretName, string>>;
}

export interface Rotation {
  /** The file that now holds new secrets; null if both come from the environment. */
  file: string | null;
  /** Steps for secrets from the environment; empty if there are none. */
  steps: RotationStep[];
}

type Secrets = Record<SecretName, string[]>;

/**
 * Creates new secrets without logging anybody out. Secrets of the data directory are written there. Only the operator
 * can set those of the environment, so their values are returned, including the new secrets: for the caller's
 * terminal alone, never for a log.
 */
export async function rotateSecrets({ auth, dataDir }: Config): Promise<Rotation> {
  const { secretKeys, refreshSecretKeys, refreshTokenMs } = auth;
  const stored = secretKeys.length === 0 || refreshSecretKeys.length === 0;
  const file = stored ? await rotateDevelopmentSecrets(dataDir, refreshTokenMs) : null;
  return {
    file,
    steps: stepsFor({ SECRET_KEY: secretKeys, REFRESH_SECRET_KEY: refreshSecretKeys }, auth),
  };
}

function stepsFor(present: Secrets, { refreshTokenMs }: Config['auth']): RotationStep[] {
  const given = Object.entries(present).filter(([, secrets]) => secrets.length > 0);
  if (given.length === 0) return [];
  const made = given.map(([name, secrets]) => ({ name, secrets, fresh: newSecret() }));
  const step = (what: string, list: (fresh: string, secrets: string[]) => string[]) => ({
    what,
    values: Object.fromEntries(
      made.map(({ name, secrets, fresh }) => [name, list(fresh, secrets).join(',')]),
    ),
  });
  const days = Math.ceil(refreshTokenMs / 86_400_000);
  return [
    step('All nodes accept the new secret', (fresh, secrets) => [...secrets, fresh]),
    step('The new secret signs', (fresh, secrets) => [fresh, ...secrets]),
    step(`After ${days} days: the old ones are refused`, (fresh) => [fresh]),
  ];
}

/** Describes the rotation to people. */
export function describeRotation({ file, steps }: Rotation): string {
  const parts = steps.map(({ what, values }, i) => {
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    return [`${i + 1}. ${what}. Set on every node and restart them:`, ...lines].join('\n');
  });
  const stored = file === null ? [] : [`New secrets are in ${file}. Restart the node.`];
  return [...stored, ...parts].join('\n\n');
}
