import type { ErrorCode } from '../contract/errors.js';
import type { ClientEventName } from '../contract/events.js';
import type { FinalStatus } from '../contract/rest.js';
import type { ClaimTrace } from '../entities/entities.js';
import type { TokenCounts } from './completion-provider.js';

/** Fields of the log lines of traced work; none without tracing. */
export interface TraceIds {
  readonly trace_id?: string;
  readonly span_id?: string;
}

/**
 * Work with a beginning and an end. Calls are cheap, return at once and never throw. They carry no text, name or id of
 * a person.
 */
export interface Span {
  /** The parent of later spans, on any node, as the header `traceparent` says it. Null: nothing is traced. */
  readonly trace: string | null;
  readonly ids: TraceIds;
}

/** The call of a client that may ask a model. */
export interface CallSpan extends Span {
  end(result: { status: number } | { error: ErrorCode | null }): void;
}

/** The end of an attempt, with or without an answer. `error`: it is left to the end of its lease. */
export type AttemptResult = FinalStatus | 'handed_back' | 'lost' | 'error';

/** One claim of an answer, from its beginning to its announcement. */
export interface AttemptSpan extends Span {
  /** The last step: storing and announcing the end. */
  ending<T>(work: () => Promise<T>): Promise<T>;
  result(result: AttemptResult): void;
  end(): void;
}

/** One answer of a model: the wait for its server, and all requests. */
export interface ModelSpan extends Span {
  /** A request goes to the server now. */
  sent(): void;
  /** Another model is asked. */
  asks(model: string): void;
  /** The first text has come. Later calls do nothing. */
  firstText(): void;
  end(
    result:
      | { usage: TokenCounts | null; finishReason: string | null }
      | { error: unknown }
      /** The answer was ended from here, which is no failure of the model. */
      | { stopped: unknown },
  ): void;
}

export interface WebhookSpan extends Span {
  end(result: { status: number | null; problem?: string }): void;
}

/** The facts of a claim about its attempt. */
export interface TracedClaim {
  kind: 'answer' | 'completion';
  attempt: number;
  /** Null: it was asked for without tracing. */
  trace: ClaimTrace | null;
  conversationId?: number;
  messageId?: number;
}

/** Spans of one trace for each question, on all nodes that answer it. */
export interface Tracing {
  /** A REST call. `parent`: its own `traceparent`. */
  request(call: { method: string; route: string; parent?: string | undefined }): CallSpan;
  event(name: ClientEventName): CallSpan;
  /** Reports also how long it waited, and the attempt that it took over, whose node cannot report. */
  attempt(claim: TracedClaim): AttemptSpan;
  /** Announces an end that another node has stored. */
  ending<T>(parent: string | null, work: () => Promise<T>): Promise<T>;
  model(parent: string | null, asked: { model: string; provider: string | null }): ModelSpan;
  /** One try of one delivery. */
  webhook(parent: string | null, delivery: { attempt: number }): WebhookSpan;
}

const ignore = (): void => {};
const nothing = { trace: null, ids: {} };

const noCall: CallSpan = { ...nothing, end: ignore };
const noAttempt: AttemptSpan = {
  ...nothing,
  ending: (work) => work(),
  result: ignore,
  end: ignore,
};
const noModel: ModelSpan = {
  ...nothing,
  sent: ignore,
  asks: ignore,
  firstText: ignore,
  end: ignore,
};
const noWebhook: WebhookSpan = { ...nothing, end: ignore };

export const noTracing: Tracing = {
  request: () => noCall,
  event: () => noCall,
  attempt: () => noAttempt,
  ending: (_parent, work) => work(),
  model: () => noModel,
  webhook: () => noWebhook,
};
