import type { Webhook, WebhookEvent } from '../../contract/webhooks.js';

export interface WebhookToStore {
  id: string;
  userId: number;
  url: string;
  /** Requests to one host are counted together. */
  host: string;
  events: readonly WebhookEvent[];
  secret: string;
}

export interface WebhookRepository {
  /** Null: the user has `most` already. Call it while the user's row is locked. */
  create(webhook: WebhookToStore, most: number): Promise<Omit<Webhook, 'last_delivery'> | null>;
  /** Newest first; at most `most`. */
  list(userId: number, most: number): Promise<Webhook[]>;
  /** Deletes a webhook with everything that waits for it. False if it belongs to another user, or does not exist. */
  remove(userId: number, id: string): Promise<boolean>;
}
