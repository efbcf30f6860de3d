import type { EnvReader } from './env-reader.js';
import { problemOfTarget } from './webhook-target.js';

export interface WebhookConfig {
  /** The address that is told of all answers; null: there is none. */
  installation: { url: string; secret: string } | null;
  /** Whether addresses may lie inside the network. */
  allowPrivate: boolean;
}

/** The form of secrets in Standard Webhooks: 24 to 64 bytes. */
const SECRET =
  /^whsec_(?=[A-Za-z0-9+/]{32,88}={0,2}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readUrl(read: EnvReader, allowPrivate: boolean): string | null {
  return read.readable('WEBHOOK_URL', (text) => {
    const problem = problemOfTarget(text, allowPrivate);
    if (problem === 'host')
      throw new Error('a host outside the network: see WEBHOOK_ALLOW_PRIVATE');
    if (problem)
      throw new Error(
        `expected ${allowPrivate ? 'http(s)' : 'https'}://host/path without user and password`,
      );
  });
}

/** The webhook of the installation, and where webhooks may lead. */
export function readWebhooks(read: EnvReader): WebhookConfig {
  const allowPrivate = read.boolean('WEBHOOK_ALLOW_PRIVATE', false);
  const url = readUrl(read, allowPrivate);
  const secret = read.matching('WEBHOOK_SECRET', SECRET, 'whsec_ and 24 to 64 bytes in base64');
  const hasUrl = read.text('WEBHOOK_URL') !== '';
  // An invalid value is reported by itself, so its partner does not count as missing.
  if (url !== null && secret === null)
    read.problem('WEBHOOK_SECRET', 'a secret: WEBHOOK_URL is set');
  if (!hasUrl && secret !== null && SECRET.test(secret))
    read.problem('WEBHOOK_URL', 'a URL: WEBHOOK_SECRET is set');
  return { installation: url !== null && secret !== null ? { url, secret } : null, allowPrivate };
}
