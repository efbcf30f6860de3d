import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as the model server saw it. */
export interface RecordedRequest {
  path: string;
  /** When it arrived, by `performance.now()`. */
  at: number;
  headers: IncomingMessage['headers'];
  /** The client's port. The same port means the same connection. */
  remotePort: number | undefined;
  body: {
    model: string;
    messages: { role: string; content: string }[];
    stream?: boolean;
    [parameter: string]: unknown;
  };
  /** Resolves when the response has ended, whoever ended it. */
  closed: Promise<void>;
}

/** Answers one request. */
export type Behaviour = (
  response: ServerResponse,
  request: RecordedRequest,
) => void | Promise<void>;

export interface UpstreamUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export const event = (data: unknown) =>
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

const chunk = (rest: object) => ({
  id: 'chatcmpl-scripted',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'scripted',
  ...rest,
});

const choice = (delta: object, finishReason: string | null = null) =>
  chunk({ choices: [{ index: 0, delta, finish_reason: finishReason }] });

export const roleChunk = () => event(choice({ role: 'assistant', content: '' }));
export const textChunk = (content: string) => event(choice({ content }));
export const reasoningChunk = (reasoning_content: string) => event(choice({ reasoning_content }));
export const finishChunk = (reason: string) => event(choice({}, reason));
export const usageChunk = (usage: UpstreamUsage) => event(chunk({ choices: [], usage }));
export const DONE = event('[DONE]');

export function openEventStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
}
