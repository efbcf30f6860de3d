import type { AnswerEnded, WebhookEvent } from '../../contract/webhooks.js';

/** An answer has ended, and somebody may want to know. */
export interface Notification {
  id: number;
  /** Identity of this claim. */
  claim: string;
  event: WebhookEvent;
  conversationId: number;
  messageId: number;
  /** The user who asked. */
  userId: number;
  /** Whether the webhook of the installation is told. */
  installation: boolean;
  data: Omit<AnswerEnded, 'conversation_id' | 'message_id' | 'user_id'>;
  /** When the answer ended. */
  createdAt: Date;
}

/**
 * A user who may be told of an answer: a member of its conversation who may read it and has a webhook for the event.
 */
export interface Receiver {
  userId: number;
  username: string;
  webhookId: string;
}

/** Null: the answer or its conversation is gone. */
export type Audience = { question: string; receivers: Receiver[] } | null;

export interface DeliveryToStore {
  /** Null: the webhook of the installation. */
  webhookId: string | null;
  userId: number;
  body: string;
}

/** One notification for one webhook. */
export interface Delivery {
  /** The same for every try. */
  id: string;
  /** Identity of this claim. */
  claim: string;
  webhookId: string | null;
  userId: number;
  body: string;
  /** Failed tries. */
  tries: number;
  /** The question's `traceparent`; null: it is not traced. */
  trace: string | null;
  ageMs: number;
  /** The delivery failed before, or its webhook failed last. */
  isWeak: boolean;
  host: string;
  /** The address of the webhook; null: that of the installation. */
  url: string | null;
  secret: string | null;
  /** Whether its user may still be told. */
  allowed: boolean;
}

export interface DeliveryLimits {
  /** How many may be claimed. */
  room: number;
  /** The number of them that may have failed before, or belong to a webhook that failed last. */
  weakRoom: number;
  perHost: number;
  /** Requests under way here, by host. */
  underWay: ReadonlyMap<string, number>;
  leaseMs: number;
  /** Host of the webhook of the installation; null: there is none, and its deliveries are left alone. */
  installationHost: string | null;
}

/** Result of a try. */
export interface Tried {
  ok: boolean;
  /** Null: there was no response. */
  status: number | null;
}

/**
 * The notifications of ended answers. They are written with the end of an answer, and each is delivered at least once.
 * Claims are leases by Postgres' clock: a node that has not settled its claim by then loses it to the next.
 */
export interface OutboxRepository {
  /** Claims notifications, oldest first. */
  take(limit: number, leaseMs: number): Promise<Notification[]>;
  audience(
    notification: Pick<Notification, 'event' | 'conversationId' | 'messageId'>,
  ): Promise<Audience>;
  /**
   * Replaces a notification by its deliveries, once. Users, and the installation, get no further ones if `most` of
   * theirs wait. Resolves to the number of deliveries.
   */
  spread(
    notification: Notification,
    deliveries: readonly DeliveryToStore[],
    most: { perUser: number; installation: number },
  ): Promise<number>;
  /** Claims deliveries that are due, longest due first. */
  claim(limits: DeliveryLimits): Promise<Delivery[]>;
  /** Ends a delivery. Nothing happens if the claim is lost. `tried`: recorded with its webhook. */
  settle(delivery: Delivery, tried: Tried | null): Promise<void>;
  /** A try failed; the next one follows in `delayMs`. */
  postpone(delivery: Delivery, tried: Tried, delayMs: number): Promise<void>;
  /** Gives claims back untried. */
  handBack(deliveries: readonly Pick<Delivery, 'id' | 'claim'>[]): Promise<void>;
  /** Deletes at most `rows` that are older than any try. Returns their number. */
  prune(rows: number): Promise<number>;
}
