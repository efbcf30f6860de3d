import type { RoomEvent, RoomEvents } from '../../contract/events.js';
import type { FinalStatus, MessageError } from '../../contract/rest.js';
import type { FinishedMessage, Outcome } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import { type CompletionEnd, ProviderError } from '../../ports/completion-provider.js';
import { type LogKey, logKeyOf } from '../../ports/live-log.js';
import { AnswerTooLong, QuotaSpent, Stopped } from './abort-reasons.js';

type Completed = RoomEvents['message:completed'];

/** How an answer ended, without regard to its text. */
export interface Ending {
  /** The reason given from outside, or the failure; null if the model finished. */
  failure: unknown;
  end: CompletionEnd | null;
}

/** The answer has used up its tries, and no attempt finished. */
export class TriesUsedUp extends Error {
  override readonly name = 'TriesUsedUp';
}

const providerError = (message: string): MessageError => ({ code: 'provider_error', message });

function errorOf(failure: unknown): MessageError | null {
  if (failure instanceof ProviderError) return { code: failure.code, message: failure.detail };
  if (failure instanceof AnswerTooLong)
    return providerError('The answer was too long and was cut.');
  if (failure instanceof AppError && failure.code === 'quota_exceeded') {
    return { code: failure.code, message: 'The quota was used up before the answer began.' };
  }
  if (failure instanceof TriesUsedUp) {
    return {
      code: 'unavailable',
      message: 'The answer could not be finished after several tries.',
    };
  }
  return null;
}

/** Determines the status by "Outcomes" in protocol.md. @throws `failure` itself if it does not end an answer */
export function judge(
  { failure, end }: Ending,
  hasText: boolean,
): { status: FinalStatus; error: MessageError | null } {
  if (failure instanceof Stopped || failure instanceof QuotaSpent)
    return { status: 'stopped', error: null };
  if (failure instanceof TriesUsedUp) return { status: 'interrupted', error: errorOf(failure) };
  const broken = hasText ? 'interrupted' : 'failed';
  const error = errorOf(failure);
  if (error) return { status: broken, error };
  if (failure !== null) throw failure;
  if (end?.finishReason) return { status: 'completed', error: null };
  return { status: broken, error: providerError('The model broke off without finishing.') };
}

/** The model server's own words about a failure, for administrators; null: it said nothing. */
export const wordsIn = ({ failure }: Ending): string | null =>
  failure instanceof ProviderError ? failure.words : null;

/** The model's own reason, or the reason why this server ended the answer. */
export const finishReasonOf = ({ failure, end }: Ending): string | null =>
  failure instanceof QuotaSpent ? 'quota' : (end?.finishReason ?? null);

export const outcomeOfMessage = (message: FinishedMessage): Outcome => ({
  status: message.status,
  content: message.content,
  sha256: message.sha256,
  reasoning: message.reasoning,
  reasoningMs: message.reasoning_ms,
  vendor: null,
  model: message.model,
  context: message.context,
  cursor: { attempt: message.attempt, seq: message.seq },
  finishReason: message.finish_reason,
  usage: message.usage,
  currency: null,
  error: message.error,
});

export const completedEvent = (key: LogKey, outcome: Outcome): RoomEvent => ({
  name: 'message:completed',
  payload: payloadOf(key, outcome),
});

/**
 * The payload of `message:completed` for an answer that was read from Postgres. `asked`: the model known to its reader.
 */
export const completedPayload = (message: FinishedMessage, asked: string | null): Completed =>
  payloadOf(logKeyOf(message), {
    ...outcomeOfMessage(message),
    model: message.model === asked ? null : message.model,
  });

const payloadOf = (key: LogKey, outcome: Outcome): Completed => ({
  conversation_id: key.conversationId,
  message_id: key.messageId,
  ...outcome.cursor,
  bytes: Buffer.byteLength(outcome.content),
  sha256: outcome.sha256,
  ...(outcome.reasoningMs !== null && { reasoning_ms: outcome.reasoningMs }),
  ...(outcome.model !== null && { model: outcome.model }),
  ...(outcome.context && { context: outcome.context }),
  status: outcome.status,
  finish_reason: outcome.finishReason,
  usage: outcome.usage,
  error: outcome.error,
});
