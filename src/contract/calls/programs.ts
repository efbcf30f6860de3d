import type { CompletionBody, OpenAIModel, OpenAIModelList } from '../openai.js';

/** The calls that programs know as OpenAI's API. Errors have its shape. `fails` names them with their status. */
export interface ProgramCalls {
  /**
   * Asks a model, in OpenAI's shapes. Unknown fields of request and answer pass through unchanged. With `stream: true`
   * the chunks come as server-sent events, then `[DONE]`. With an `Idempotency-Key` the answer outlives its request,
   * and the same call gets it again.
   * @header Idempotency-Key 1 to 64 characters of `A-Z a-z 0-9 _ -`. The same key with the same body gives the same answer.
   * @header X-Parley-Conversation The id of a conversation. The last user message and the answer are stored there, and show up
   * live. It cannot be combined with an `Idempotency-Key`.
   * @header Last-Event-ID With an `Idempotency-Key`: the id of the last chunk that was received. The stream goes on after it.
   * @fails 400 `validation_failed` A value is missing or of the wrong type; `param` names it
   * @fails 400 `malformed_json` The body cannot be read
   * @fails 400 `invalid_idempotency_key` The key has other characters, or too many
   * @fails 400 `invalid_last_event_id` It is the id of no chunk
   * @fails 409 `idempotency_key_reused` The key was used for another body
   * @fails 401 `invalid_api_key` The key or access token is missing, wrong, revoked or expired
   * @fails 403 `account_disabled` The account is disabled
   * @fails 403 `forbidden` Roles or scopes do not allow it
   * @fails 404 `model_not_found` No model has this name
   * @fails 404 `not_found` The conversation of `X-Parley-Conversation` does not exist, or is somebody else's
   * @fails 413 `payload_too_large` The body is over the limit
   * @fails 415 The model server takes no such content; its error is passed on
   * @fails 422 The model server refuses a value; its error is passed on
   * @fails 429 `rate_limit_exceeded` Too many requests
   * @fails 429 `insufficient_quota` The quota is exhausted
   * @fails 502 `provider_error` The model refused, or sent something that cannot be understood
   * @fails 502 `provider_unavailable` The model cannot be reached, is too busy, or fell silent
   * @fails 503 `unavailable` The server cannot serve right now
   * @fails 500 `internal` A bug
   * @produces text/event-stream
   * @rate message
   */
  'POST /v1/chat/completions': { body: CompletionBody; response: Record<string, unknown> };
  /**
   * Lists the models that may be chosen, in OpenAI's shape.
   * @fails 401 `invalid_api_key` The key or access token is missing, wrong, revoked or expired
   * @fails 403 `account_disabled` The account is disabled
   * @fails 403 `forbidden` Roles or scopes do not allow it
   * @fails 429 `rate_limit_exceeded` Too many requests
   * @fails 503 `unavailable` The server cannot serve right now
   * @fails 500 `internal` A bug
   */
  'GET /v1/models': { response: OpenAIModelList };
  /**
   * Reads a model, in OpenAI's shape.
   * @fails 401 `invalid_api_key` The key or access token is missing, wrong, revoked or expired
   * @fails 403 `account_disabled` The account is disabled
   * @fails 403 `forbidden` Roles or scopes do not allow it
   * @fails 404 `model_not_found` No model has this name
   * @fails 429 `rate_limit_exceeded` Too many requests
   * @fails 503 `unavailable` The server cannot serve right now
   * @fails 500 `internal` A bug
   */
  'GET /v1/models/:id': { response: OpenAIModel };
}
