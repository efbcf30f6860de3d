/**
 * Names of spans and attributes. `gen_ai.*` are those of OpenTelemetry's conventions for generative AI, which are still
 * in development. All others begin with `parley.`.
 */
export const SPANS = {
  wait: 'parley.wait',
  attempt: 'parley.attempt',
  lostAttempt: 'parley.attempt.lost',
  end: 'parley.end',
  webhook: 'parley.webhook',
} as const;

export const EVENTS = {
  sent: 'request sent',
  another: 'another model asked',
  firstText: 'first text',
} as const;

export const ATTRIBUTES = {
  error: 'error.type',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  event: 'parley.event',
  node: 'parley.node',
  kind: 'parley.kind',
  attempt: 'parley.attempt',
  isTakeover: 'parley.takeover',
  result: 'parley.result',
  conversation: 'parley.conversation_id',
  message: 'parley.message_id',
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
} as const;

/** The convention's name for calls of a model. */
export const CHAT = 'chat';
