/** Every stable error code of REST and socket: its HTTP status, and whether the same request may succeed later. */
export const ERRORS = {
  validation_failed: { status: 422, retryable: false },
  malformed_json: { status: 400, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  token_expired: { status: 401, retryable: true },
  token_invalid: { status: 401, retryable: false },
  session_revoked: { status: 401, retryable: false },
  key_revoked: { status: 401, retryable: false },
  refresh_reused: { status: 401, retryable: false },
  invalid_credentials: { status: 401, retryable: false },
  account_disabled: { status: 403, retryable: false },
  forbidden: { status: 403, retryable: false },
  origin_not_allowed: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  email_taken: { status: 409, retryable: false },
  username_taken: { status: 409, retryable: false },
  conflict: { status: 409, retryable: false },
  rate_limited: { status: 429, retryable: true },
  quota_exceeded: { status: 429, retryable: true },
  provider_error: { status: 502, retryable: false },
  provider_unavailable: { status: 502, retryable: true },
  unavailable: { status: 503, retryable: true },
  internal: { status: 500, retryable: true },
  /** Sockets only: an event name that this server does not know. */
  unknown_event: { status: 404, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

/** A stable error code. Clients may depend on it. */
export type ErrorCode = keyof typeof ERRORS;

/** One finding of validation; `path` is dotted (`cursors.0.seq`), empty for the whole value. */
export interface FieldError {
  path: string;
  message: string;
  /** The rule that was broken, such as `string.max`; stable. */
  rule?: string;
  /** The numbers and words that `message` names, such as `limit`. */
  values?: Readonly<Record<string, string | number>>;
}

/** The `error` of a negative ack, and the `data` of a `connect_error`. */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
  details?: FieldError[];
}

/** RFC 9457 problem details, the body of every REST error. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  retryable: boolean;
  request_id: string;
  /** Says more than the code where a caller needs it; stable. */
  reason?: string;
  retry_after_ms?: number;
  errors?: FieldError[];
}

/** The problem of `POST /agent/chat` when the answer failed. It has the ids of the stored messages. */
export interface ChatProblem extends Problem {
  conversation_id: number;
  message_id: number;
  message_status: string;
}
