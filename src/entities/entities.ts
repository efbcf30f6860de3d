import type { User } from '../contract/accounts.js';
import type { Cursor } from '../contract/events.js';
import type { Permission } from '../contract/permissions.js';
import type {
  FinalStatus,
  Message,
  MessageError,
  MessageRole,
  PromptContext,
  Usage,
} from '../contract/rest.js';
import type { Scope } from '../contract/scopes.js';
import type { UsagePeriod } from '../contract/usage.js';

/** The caller, proven by an access token of a live session, or by a live key. */
export interface Principal {
  userId: number;
  username: string;
  roles: readonly string[];
  permissions: ReadonlySet<Permission>;
  /** Id of the session; `keySessionId` of a key. */
  sessionId: string;
  /** The key's; null: a session, which may do everything that its user may. */
  scopes: ReadonlySet<Scope> | null;
  /** Expiry of the access token or key, in ms since the epoch; Infinity: never. */
  expiresAt: number;
}

/** A user's usage in the current UTC day and month, and when these end. */
export interface QuotaUsage {
  day: UsagePeriod;
  month: UsagePeriod;
  /** Tokens held by unfinished answers and requests. They count for the day and month in which these end. */
  reserved: number;
  dayEndsInMs: number;
  monthEndsInMs: number;
}

export interface UserCredentials {
  user: User;
  passwordHash: string;
}

/** The device and address from which a session is used. */
export interface Device {
  userAgent: string;
  ip: string;
}

/**
 * A refresh-token family: one logged-in device. No token is stored; `jti` is derived from `id`, `gen` and
 * `rotatedAt`.
 */
export interface SessionRecord {
  id: string;
  userId: number;
  /** Rotation count, from 0. */
  gen: number;
  rotatedAt: Date;
  /** Highest `gen` of which any token has been presented. */
  seenGen: number;
  userAgent: string;
  ip: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

export type GenerationState = 'queued' | 'running' | 'finished';

/** The trace of some work, and the events before its claim. Times are ms before the claim. */
export interface ClaimTrace {
  /** The `traceparent` of the call that asked for it. */
  parent: string;
  /** Time since which it waited, or another claim ran. */
  sinceMs: number;
  /** The claim whose lease had expired; null: there was none. */
  lost: { nodeId: string; attempt: number; expiredMs: number } | null;
}

/** The right to produce one answer, as won by a claim. */
export interface Claim {
  generationId: number;
  /** Identity of this claim: a database that went back in time may repeat an attempt, but never an identity. */
  claimId: string;
  messageId: number;
  conversationId: number;
  userId: number;
  /** Fencing number: every claim raises it. */
  attempt: number;
  /** Claims so far that were not handed back, including this one. */
  tries: number;
  stopRequested: boolean;
  /** True if it was taken over from another claim whose lease had expired. */
  takenOver: boolean;
  model: string | null;
  /** Tokens that the answer may use before it has to reserve more; null: its user has no limit. */
  reserved: number | null;
  /** Null: its question is not traced. */
  trace: ClaimTrace | null;
}

/** The right to produce a completion that outlives its request. */
export interface CompletionClaim {
  id: number;
  /** See `Claim.claimId`. */
  claimId: string;
  userId: number;
  /** Fencing number: every claim raises it. */
  attempt: number;
  /** Claims so far that were not handed back, including this one. */
  tries: number;
  /** The id of what the call holds of its user's quota; see `UsageRepository.reserve`. */
  reservation: number;
  /** The tokens of that reservation; 0 if it has expired. */
  reserved: number;
  /** Null: its call is not traced. */
  trace: ClaimTrace | null;
}

/** How an answer ended. `cursor.seq` is that of its last delta. */
export interface Outcome {
  status: FinalStatus;
  content: string;
  /** Digest of the content in UTF-8, in lower-case hex. */
  sha256: string;
  /** Null: there was none. */
  reasoning: string | null;
  reasoningMs: number | null;
  /** Data that the model server may want back. */
  vendor: VendorData | null;
  /** The model that answered, if it is not the one that was asked. */
  model: string | null;
  context: PromptContext | null;
  cursor: Cursor;
  finishReason: string | null;
  usage: Usage | null;
  /** Currency of the cost; null without one. */
  currency: string | null;
  error: MessageError | null;
}

/** The usage of a request to a model, and the name of the model. */
export interface Charge {
  model: string;
  tokens: number;
  cost: number | null;
  currency: string | null;
}

/** Fields of an answer that only its model server understands. */
export type VendorData = Record<string, unknown>;

export interface PromptMessage {
  role: MessageRole;
  content: string;
  /** Present in answers whose model server wants it back. */
  reasoning?: string;
  vendor?: VendorData;
}

/** A conversation's settings for model calls; null means the server's default. */
export interface ModelSettings {
  model: string | null;
  systemPrompt: string | null;
  temperature: number | null;
  maxTokens: number | null;
}

export type FinishedMessage = Finished<Message>;

/** The facts that the follower of an answer must know. */
export type FollowedAnswer = Pick<
  Message,
  'id' | 'conversation_id' | 'status' | 'sha256' | 'attempt' | 'seq' | 'content' | 'reasoning'
>;

export type Finished<A extends FollowedAnswer> = A & { status: FinalStatus; sha256: string };

/** As keys, because a missing one does not compile. */
const FINAL: Record<FinalStatus, true> = {
  completed: true,
  stopped: true,
  interrupted: true,
  failed: true,
};

export const FINAL_STATUSES: readonly string[] = Object.keys(FINAL);

export const isFinished = <A extends FollowedAnswer>(answer: A): answer is Finished<A> =>
  Object.hasOwn(FINAL, answer.status);
