import { APIError, type OpenAI } from 'openai';
import type { CompletionRequest } from '../../ports/completion-provider.js';

export type Parameters = OpenAI.ChatCompletionCreateParamsStreaming;

export function toParameters(request: CompletionRequest): Parameters {
  return {
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    user: request.user,
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === null ? {} : { max_tokens: request.maxTokens }),
  };
}

/** What servers and models are known to refuse, and can do without. */
const OPTIONAL = [
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'user',
] as const;

/** The request without the parameter that the server names in its refusal; null when it names none. */
export function withoutRefused(parameters: Parameters, error: unknown): Parameters | null {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return null;
  const refused = OPTIONAL.find((name) => name in parameters && names(error, name));
  if (!refused) return null;
  const { [refused]: value, ...rest } = parameters;
  const renamed = refused === 'max_tokens' && /\bmax_completion_tokens\b/.test(error.message);
  return renamed && typeof value === 'number' ? { ...rest, max_completion_tokens: value } : rest;
}

function names(error: APIError, name: string): boolean {
  if (error.param) return error.param === name;
  // The word "user" is in many messages; as a parameter it stands in quotes.
  const pattern = name === 'user' ? /["'`]user["'`]/ : new RegExp(`\\b${name}\\b`);
  return pattern.test(error.message);
}
