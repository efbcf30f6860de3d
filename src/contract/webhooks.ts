import type { FinalStatus, MessageError, Usage } from './rest.js';
import type { Timestamp } from './timestamp.js';

/** What a webhook can be told. */
export const WEBHOOK_EVENTS = ['answer.completed', 'answer.failed'] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Body of `POST /users/me/webhooks`. */
export interface WebhookBody {
  url: string;
  events: WebhookEvent[];
}

/** The last try to deliver something. */
export interface LastDelivery {
  at: Timestamp;
  /** Whether the receiver accepted it. */
  ok: boolean;
  /** HTTP status of the receiver; null: there was no response. */
  status: number | null;
}

/** An address that is told of the user's answers. */
export interface Webhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  created_at: Timestamp;
  /** Null: nothing was sent yet. */
  last_delivery: LastDelivery | null;
}

/** A new webhook. `secret` is never shown again. */
export interface NewWebhook extends Omit<Webhook, 'last_delivery'> {
  /** `whsec_` and the key of the signature in base64. */
  secret: string;
}

/** How an answer ended. It has no text: readers get the text with a key. */
export interface AnswerEnded {
  conversation_id: number;
  message_id: number;
  /** The user who is told. For the webhook of the installation, the user who asked. */
  user_id: number;
  status: FinalStatus;
  finish_reason: string | null;
  model: string | null;
  usage: Usage | null;
  error: MessageError | null;
}

/** The body that a webhook receives. */
export interface WebhookPayload {
  type: WebhookEvent;
  /** When the answer ended. */
  timestamp: Timestamp;
  data: AnswerEnded;
}
