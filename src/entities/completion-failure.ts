import type { OpenAIError } from '../contract/openai.js';

/** The reason why a completion of `/v1` failed, for its caller. */
export interface CompletionFailure {
  /** Status of HTTP. */
  status: number;
  /** Seconds until the call may succeed; null: unknown. */
  retryAfter: number | null;
  /** The body, in OpenAI's shape. */
  error: OpenAIError;
}
