import type { WebhookEvent } from '../../../contract/webhooks.js';
import type { Outcome } from '../../../entities/entities.js';

/**
 * The event that webhooks get of an end. Null: none, because a person stopped the answer. An answer that the quota
 * stopped counts as unfinished, because nobody wanted that.
 */
export function toldEvent({ status, finishReason }: Outcome): WebhookEvent | null {
  if (status === 'completed') return 'answer.completed';
  return status === 'stopped' && finishReason !== 'quota' ? null : 'answer.failed';
}
