import type { OpenAI } from 'openai';
import type { PromptMessage } from '../../../entities/entities.js';
import type { CompletionRequest } from '../../../ports/completion-provider.js';
import { toFields } from './vendor-data.js';

export type Parameters = OpenAI.ChatCompletionCreateParamsStreaming;

export function toParameters(request: CompletionRequest): Parameters {
  return {
    model: request.model,
    messages: request.messages.map(toMessage),
    stream: true,
    stream_options: { include_usage: true },
    user: request.user,
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === null ? {} : { max_tokens: request.maxTokens }),
  };
}

/** Reasoning is sent only if the server demands it. */
function toMessage({
  role,
  content,
  reasoning,
  vendor,
}: PromptMessage): OpenAI.ChatCompletionMessageParam {
  if (!reasoning && !vendor) return { role, content };
  const thought = reasoning ? { reasoning_content: reasoning } : {};
  return { role, content, ...thought, ...toFields(vendor) };
}

/** Optional parts that servers and models are known to refuse. */
export const OPTIONAL = [
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'user',
] as const;

export type Optional = (typeof OPTIONAL)[number];

export function without(name: Optional): (parameters: Parameters) => Parameters {
  return ({ [name]: _, ...rest }) => rest;
}

/** Newer OpenAI models require the limit under its new name. */
export function withLimitRenamed({ max_tokens, ...rest }: Parameters): Parameters {
  return typeof max_tokens === 'number' ? { ...rest, max_completion_tokens: max_tokens } : rest;
}

/** Puts the system's text before the first question, for models without a system role. */
export function withSystemFolded(parameters: Parameters): Parameters {
  const [system, first, ...rest] = parameters.messages;
  if (system?.role !== 'system' || first?.role !== 'user') return parameters;
  const content = `${textOf(system.content)}\n\n${textOf(first.content)}`;
  return { ...parameters, messages: [{ role: 'user', content }, ...rest] };
}

const textOf = (content: unknown) => (typeof content === 'string' ? content : '');
