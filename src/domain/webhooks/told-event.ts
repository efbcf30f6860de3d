import type { WebhookEvent } from '../../contract/webhooks.js';
import type { Outcome } from '../../model/entities.js';

/**
 * What webhooks are told of an end. Null: nothing, because a person stopped the answer. One that the quota stopped was
 * left unfinished without anybody's wish.
 */
export function toldEvent({ status, finishReason }: Outcome): WebhookEvent | null {
  if (status === 'completed') return 'answer.completed';
  return status === 'stopped' && finishReason !== 'quota' ? null : 'answer.failed';
}
